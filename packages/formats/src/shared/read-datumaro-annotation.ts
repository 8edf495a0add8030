import {
  type AnnotationCommon,
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  type Geometry,
  isAnnotationDraft,
  isAttributes,
  type Json,
} from '@dsv/core'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  stringAt,
  wrongValue,
} from './json-reader.ts'

/**
 * Returns what a record of `annotations` says. Where it holds a member `dsv`, that says in our own words
 * what Datumaro has none for.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the place
 */
export function readAnnotation(
  record: JsonObject,
  place: JsonPlace,
  keys: readonly string[],
): AnnotationDraft {
  const common = readCommon(record, place, keys)
  const plain = { ...common, ...readGeometry(record, place) }
  const own = record['dsv']
  if (!isObject(own)) return plain
  const { part: _part, ...fields } = own
  const whole = typeof fields['type'] === 'string' ? fields : { ...plain, ...fields }
  // A label that was renamed is still found by its number.
  const named = common.category === undefined ? whole : { ...whole, category: common.category }
  if (!isAnnotationDraft(named)) return plain
  checkCategory(named, placeOf(place, 'dsv'), keys)
  return named
}

/** Throws when a draft in our own words is of a class that the file does not have. */
export function checkCategory(
  { category }: Pick<AnnotationDraft, 'category'>,
  place: JsonPlace,
  keys: readonly string[],
): void {
  if (category === undefined || keys.includes(category)) return
  throw wrongValue(placeOf(place, 'category'), `is ${JSON.stringify(category)}, which is no label`)
}

/** Returns which part of a polygon a record is, or -1. */
export function partOf(record: JsonObject): number {
  const own = record['dsv']
  const part = isObject(own) ? own['part'] : undefined
  return typeof part === 'number' ? part : -1
}

const READ: ReadonlySet<string> = new Set(
  (
    'id type attributes group object_id label_id z_order dsv points visibility bbox rle caption ' +
    'position rotation scale vector values'
  ).split(' '),
)

function readCommon(
  record: JsonObject,
  place: JsonPlace,
  keys: readonly string[],
): AnnotationCommon {
  const { id, group, object_id: object, label_id: label, z_order: zOrder } = record
  const { attributes, fields, rest } = readAttributes(record['attributes'], object)
  const unknown = Object.entries(record).filter(([name]) => !READ.has(name))
  const extra = {
    ...Object.fromEntries(unknown),
    ...(rest === undefined ? {} : { attributes: rest }),
  }
  return {
    ...categoryOf(label, place, keys),
    ...(attributes === undefined ? {} : { attributes }),
    ...fields,
    // Datumaro writes 0 for ids and groups that are not set, -1 for objects.
    ...(isId(id) && id !== 0 ? { sourceId: id } : {}),
    ...(isId(group) && group !== 0 ? { group } : {}),
    ...(isId(object) && object !== -1 ? { track: object } : {}),
    ...(typeof zOrder === 'number' ? { zOrder } : {}),
    ...(Object.keys(extra).length === 0 ? {} : { extra: { datumaro: extra } }),
  }
}

function isId(json: Json | undefined): json is number | string {
  return typeof json === 'number' || typeof json === 'string'
}

function categoryOf(
  label: Json | undefined,
  place: JsonPlace,
  keys: readonly string[],
): Pick<AnnotationCommon, 'category'> {
  if (label === undefined || label === null || label === -1) return {}
  const category = typeof label === 'number' ? keys[label] : undefined
  if (category !== undefined) return { category }
  throw wrongValue(placeOf(place, 'label_id'), `is ${JSON.stringify(label)}, which is no label`)
}

/** Attributes by which Datumaro says what we have fields for. */
const FIELDS: ReadonlyMap<string, readonly [keyof AnnotationCommon, 'boolean' | 'number']> =
  new Map([
    ['occluded', ['occluded', 'boolean']],
    ['outside', ['outside', 'boolean']],
    ['truncated', ['truncated', 'boolean']],
    ['is_crowd', ['crowd', 'boolean']],
    ['score', ['score', 'number']],
  ])

/** Names of fields that are attributes to Datumaro. */
export const FIELD_ATTRIBUTES: readonly (readonly [string, keyof AnnotationCommon])[] = [
  ...FIELDS,
].map(([name, [field]]) => [name, field])

function readAttributes(
  json: Json | undefined,
  object: Json | undefined,
): {
  readonly attributes: Attributes | undefined
  readonly fields: AnnotationCommon
  readonly rest: Json | undefined
} {
  const attributes: [string, AttributeValue][] = []
  const fields: [string, Json][] = []
  const rest: [string, Json][] = []
  for (const [name, value] of Object.entries(isObject(json) ? json : {})) {
    const [field, type] = FIELDS.get(name) ?? []
    const isTrack = name === 'track_id' && isId(value)
    const hasObject = isId(object) && object !== -1
    if (field !== undefined && typeof value === type) fields.push([field, value])
    else if (isTrack && (!hasObject || object === value)) fields.push(['track', value])
    else if (isAttributeValue(value)) attributes.push([name, value])
    else rest.push([name, value])
  }
  return {
    attributes: attributes.length === 0 ? undefined : Object.fromEntries(attributes),
    fields: Object.fromEntries(fields),
    rest: rest.length === 0 ? undefined : Object.fromEntries(rest),
  }
}

function isAttributeValue(value: Json): value is AttributeValue {
  return isAttributes({ value })
}

function readGeometry(record: JsonObject, place: JsonPlace): Geometry {
  const type = stringAt(record['type'], placeOf(place, 'type'))
  const numbers = (key: string, length?: number): readonly number[] => {
    return numbersAt(record[key], placeOf(place, key), length)
  }
  switch (type) {
    case 'label':
      return { type: 'label' }
    case 'bbox': {
      const [x = 0, y = 0, width = 0, height = 0] = numbers('bbox', 4)
      return { type: 'box', x, y, width, height }
    }
    case 'rotated_bbox': {
      const [cx = 0, cy = 0, width = 0, height = 0, degrees = 0] = numbers('points', 5)
      return { type: 'rotated-box', cx, cy, width, height, angle: (degrees * Math.PI) / 180 }
    }
    case 'polygon':
      return { type: 'polygon', parts: [[numbers('points')]] }
    case 'polyline':
      return { type: 'polyline', points: numbers('points') }
    case 'points':
      return readPoints(record, numbers('points'))
    case 'ellipse': {
      const [left = 0, top = 0, right = 0, bottom = 0] = numbers('points', 4)
      const [rx, ry] = [(right - left) / 2, (bottom - top) / 2]
      return { type: 'ellipse', cx: left + rx, cy: top + ry, rx, ry, angle: 0 }
    }
    case 'mask':
      return readMask(record, place)
    case 'cuboid_2d': {
      const list = record['points']
      const flat = isArray(list) ? list.flatMap((each) => each) : list
      return { type: 'cuboid-2d', points: numbersAt(flat, placeOf(place, 'points'), 16) }
    }
    case 'cuboid_3d':
      return {
        type: 'cuboid-3d',
        position: triple(numbers('position', 3)),
        rotation: triple(numbers('rotation', 3)),
        size: triple(numbers('scale', 3)),
      }
    case 'caption':
      return { type: 'caption', text: stringAt(record['caption'], placeOf(place, 'caption')) }
    case 'feature_vector':
      return { type: 'vector', values: numbers('vector') }
    case 'tabular': {
      const values = objectAt(record['values'], placeOf(place, 'values'))
      if (isAttributes(values)) return { type: 'tabular', values }
      throw wrongValue(placeOf(place, 'values'), 'should hold plain values')
    }
    default:
      throw wrongValue(placeOf(place, 'type'), `is "${type}", which is no type of Datumaro`)
  }
}

/** Older files do not say which points can be seen: all. */
function readPoints(record: JsonObject, points: readonly number[]): Geometry {
  const count = Math.floor(points.length / 2)
  const seen = record['visibility']
  const visibility =
    isNumbers(seen) && seen.length === count ? seen : Array.from({ length: count }, () => 2)
  return { type: 'points', points, visibility }
}

/** A mask is COCO's: compressed or plain runs down the columns, size as height and width. */
function readMask(record: JsonObject, place: JsonPlace): Geometry {
  const rle = objectAt(record['rle'], placeOf(place, 'rle'))
  const [height = 0, width = 0] = numbersAt(rle['size'], placeOf(placeOf(place, 'rle'), 'size'), 2)
  const counts = stringAt(rle['counts'], placeOf(placeOf(place, 'rle'), 'counts'))
  return { type: 'mask', width, height, counts }
}

function triple(numbers: readonly number[]): readonly [number, number, number] {
  const [x = 0, y = 0, z = 0] = numbers
  return [x, y, z]
}

function numbersAt(json: Json | undefined, place: JsonPlace, length?: number): readonly number[] {
  if (isNumbers(json) && (length === undefined || json.length === length)) return json
  throw wrongValue(place, `should be a list of ${length === undefined ? '' : `${length} `}numbers`)
}
