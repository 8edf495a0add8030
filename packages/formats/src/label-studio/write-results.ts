import {
  type Annotation,
  type AnnotationDraft,
  type AttributeValue,
  type Category,
  isEqual,
  type Json,
  type Loss,
  maskGeometry,
  polygonToMask,
  readMask,
  type RotatedBoxGeometry,
} from '@dsv/core'
import { closeNumber } from '../shared/close-number.ts'
import { degreesOf, radiansOf } from '../shared/degrees.ts'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { maskToBrush } from './brush-runs.ts'
import { CONTROLS } from './label-config.ts'
import { centreOf, POINT_WIDTH, toPixels } from './read-results.ts'

/** What writing results needs besides the annotations. */
export interface ResultTarget {
  readonly categories: ReadonlyMap<string, Category>
  readonly size: { readonly width: number; readonly height: number } | undefined
  readonly where: string
  readonly onLoss: (loss: Loss) => void
}

/** Returns the results of an annotation or prediction. */
export function writeResults(
  annotations: readonly Annotation[],
  target: ResultTarget,
): readonly JsonObject[] {
  const ids = new Set<string>()
  const results: JsonObject[] = []
  let last: AnnotationDraft | undefined
  for (const { uid, ...draft } of annotations) {
    const before = results.at(-1)
    const joined = before === undefined ? undefined : joinWhole(before, last, draft, target)
    if (joined !== undefined) {
      results[results.length - 1] = joined
      continue
    }
    results.push(...resultsOf(draft, freeId(draft.sourceId ?? uid, ids), target))
    last = draft
  }
  return results
}

/** Returns what an annotation keeps for Label Studio alone. */
export function studioOf(extra: Annotation['extra']): JsonObject {
  const own = extra?.['label-studio']
  return isObject(own) ? own : {}
}

function freeId(wanted: number | string, ids: Set<string>): string {
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? String(wanted) : `${wanted}-${number}`
    if (ids.has(id)) continue
    ids.add(id)
    return id
  }
}

/** Labels of one choice that say nothing besides stand in one result, as do texts. */
function joinWhole(
  before: JsonObject,
  last: AnnotationDraft | undefined,
  draft: AnnotationDraft,
  target: ResultTarget,
): JsonObject | undefined {
  const { value } = before
  const { category: _category, type, extra, ...rest } = draft
  const isPlain = Object.keys(rest).every((name) => name === 'text')
  const isAlone = before['score'] === undefined && before['meta'] === undefined
  if (!isPlain || !isAlone || last?.type !== type || !isObject(value)) return undefined
  if (!isEqual(last.extra, extra)) return undefined
  if (draft.type === 'caption' && isArray(value['text'])) {
    return { ...before, value: { ...value, text: [...value['text'], draft.text] } }
  }
  const choices = value['choices']
  if (draft.type !== 'label' || !isArray(choices) || draft.category === undefined) return undefined
  return { ...before, value: { ...value, choices: [...choices, nameOf(draft, target)] } }
}

function nameOf({ category }: AnnotationDraft, { categories }: ResultTarget): string {
  return category === undefined ? '' : (categories.get(category)?.name ?? category)
}

function resultsOf(
  draft: AnnotationDraft,
  id: string,
  target: ResultTarget,
): readonly JsonObject[] {
  const lose = (what: string): void => target.onLoss({ what, where: target.where })
  if (draft.type === 'label' || draft.type === 'caption') {
    if (draft.type === 'label' && draft.category === undefined) {
      lose('annotation: label')
      return []
    }
    return [wholeResult(draft, id, target)]
  }
  const drawn = draw(draft, target)
  if (drawn.length === 0) {
    lose(`annotation: ${draft.type}`)
    return []
  }
  const first = drawn[0]
  const companions = first === undefined ? [] : companionsOf(draft, id, first.size)
  return [
    ...drawn.map((each, part) => {
      const isPart = drawn.length > 1
      const own: JsonObject = {
        ...(part === 0 ? fieldsOf(draft, id, true) : {}),
        ...(isPart ? { of: id } : {}),
        ...(each.visibility === undefined || each.visibility === 2
          ? {}
          : { visibility: each.visibility }),
      }
      return regionResult(draft, part === 0 ? id : `${id}:${part}`, each, own, target)
    }),
    ...companions,
  ]
}

/** A region as Label Studio draws it. */
interface Drawn {
  readonly shape: string
  readonly value: JsonObject
  readonly size: { readonly width: number; readonly height: number }
  readonly visibility?: number
}

/** Members of our own notes that belong to no result as they are. */
const NOTES: ReadonlySet<string> = new Set(['labels', 'controls', 'results', 'meta', 'type'])

function regionResult(
  draft: AnnotationDraft,
  id: string,
  { shape, value, size }: Drawn,
  own: JsonObject,
  target: ResultTarget,
): JsonObject {
  const studio = studioOf(draft.extra)
  const type = `${shape}labels`
  const more = isArray(studio['labels']) ? studio['labels'] : []
  const labels = draft.category === undefined ? [] : [nameOf(draft, target), ...more]
  const values = Object.entries(studio)
    .filter(([name]) => name.startsWith('value.'))
    .map(([name, each]): [string, Json] => [name.slice('value.'.length), each])
  return {
    ...headOf(studio, type),
    id,
    type,
    original_width: size.width,
    original_height: size.height,
    ...(studio['image_rotation'] === undefined ? { image_rotation: 0 } : {}),
    value: { ...value, ...Object.fromEntries(values), [type]: labels },
    ...(draft.score === undefined ? {} : { score: draft.score }),
    ...metaOf(studio, own),
  }
}

function headOf(studio: JsonObject, type: string): JsonObject {
  const kept = Object.entries(studio).filter(
    ([name]) => !NOTES.has(name) && !name.startsWith('value.'),
  )
  return {
    from_name: CONTROLS.get(type)?.name ?? type,
    to_name: 'image',
    ...Object.fromEntries(kept),
  }
}

function metaOf(studio: JsonObject, own: JsonObject): JsonObject {
  const { meta } = studio
  const rest = isObject(meta) ? meta : {}
  if (Object.keys(own).length === 0 && Object.keys(rest).length === 0) return {}
  return { meta: { ...rest, ...(Object.keys(own).length === 0 ? {} : { dsv: own }) } }
}

function wholeResult(draft: AnnotationDraft, id: string, target: ResultTarget): JsonObject {
  const studio = studioOf(draft.extra)
  const name = nameOf(draft, target)
  const isTaxonomy = draft.type === 'label' && studio['type'] === 'taxonomy'
  const type = draft.type === 'caption' ? 'textarea' : isTaxonomy ? 'taxonomy' : 'choices'
  const value: JsonObject =
    draft.type === 'caption'
      ? { text: [draft.text] }
      : isTaxonomy
        ? { taxonomy: [name.split('/')] }
        : { choices: [name] }
  return {
    ...headOf(studio, type),
    id,
    type,
    value,
    ...(draft.score === undefined ? {} : { score: draft.score }),
    ...metaOf(studio, fieldsOf(draft, id, draft.type === 'label')),
  }
}

const HELD: ReadonlySet<string> = new Set([
  'type',
  'category',
  'score',
  'attributes',
  'sourceId',
  'extra',
  // Geometry.
  ...'x y width height cx cy rx ry angle parts points visibility counts text segmentId'.split(' '),
])

/** What Label Studio has no member for. */
function fieldsOf(draft: AnnotationDraft, id: string, hasLabel: boolean): JsonObject {
  const studio = studioOf(draft.extra)
  const controls = isObject(studio['controls']) ? studio['controls'] : {}
  const others = Object.entries(draft).filter(([name]) => !HELD.has(name))
  const attributes = Object.entries(draft.attributes ?? {}).filter(
    ([name, value]) => !isControlled(controls[name], value),
  )
  const isForeign = Object.keys(draft.extra ?? {}).some((format) => format !== 'label-studio')
  const { sourceId, category, extra } = draft
  const entries: [string, unknown][] = [
    ...others,
    ...(attributes.length === 0
      ? []
      : [['attributes', Object.fromEntries(attributes)] satisfies [string, unknown]]),
    ...(sourceId === undefined || sourceId === id
      ? []
      : [['sourceId', sourceId] satisfies [string, unknown]]),
    ...(category === undefined || hasLabel
      ? []
      : [['category', category] satisfies [string, unknown]]),
    ...(isForeign ? [['extra', extra] satisfies [string, unknown]] : []),
  ]
  if (entries.length === 0) return {}
  const fields: Json = JSON.parse(JSON.stringify(Object.fromEntries(entries)))
  return { fields }
}

function isControlled(type: Json | undefined, value: AttributeValue): boolean {
  if (type === 'rating' || type === 'number') return typeof value === 'number'
  if (type !== 'choices' && type !== 'textarea') return false
  return typeof value === 'string' || (isArray(value) && value.every(isText))
}

function isText(value: Json): boolean {
  return typeof value === 'string'
}

/** Controls for each region give results of their own. */
function companionsOf(
  draft: AnnotationDraft,
  id: string,
  size: { readonly width: number; readonly height: number },
): readonly JsonObject[] {
  const studio = studioOf(draft.extra)
  const controls = isObject(studio['controls']) ? studio['controls'] : {}
  const head = {
    to_name: studio['to_name'] ?? 'image',
    id,
    original_width: size.width,
    original_height: size.height,
  }
  const written = Object.entries(draft.attributes ?? {}).flatMap(([name, value]): JsonObject[] => {
    const type = controls[name]
    if (typeof type !== 'string' || !isControlled(type, value)) return []
    const member = type === 'textarea' ? 'text' : type
    const isList = type === 'textarea' || type === 'choices'
    const inner = isList && typeof value === 'string' ? [value] : value
    return [{ ...head, from_name: name, type, value: { [member]: inner } }]
  })
  const others = isArray(studio['results']) ? studio['results'].filter(isObject) : []
  return [...written, ...others]
}

function draw(draft: AnnotationDraft, { size, where, onLoss }: ResultTarget): readonly Drawn[] {
  if (draft.type === 'mask' || draft.type === 'panoptic-segment') {
    if (draft.type !== 'mask') onLoss({ what: `annotation: ${draft.type}`, where })
    return drawMask(draft)
  }
  if (size === undefined || size.width === 0 || size.height === 0) return []
  const x = (pixels: number): number => percentOf(pixels, size.width)
  const y = (pixels: number): number => percentOf(pixels, size.height)
  const pairs = (points: readonly number[]): readonly Json[] =>
    points.flatMap((px, at) => (at % 2 === 0 ? [[x(px), y(points[at + 1] ?? 0)]] : []))
  switch (draft.type) {
    case 'box': {
      const { width, height } = draft
      const value = {
        x: x(draft.x),
        y: y(draft.y),
        width: x(width),
        height: y(height),
        rotation: 0,
      }
      return [{ shape: 'rectangle', size, value }]
    }
    case 'rotated-box': {
      return [{ shape: 'rectangle', size, value: turnedBox(draft, size) }]
    }
    case 'ellipse': {
      const { cx, cy, rx, ry, angle } = draft
      const value = {
        x: x(cx),
        y: y(cy),
        radiusX: x(rx),
        radiusY: y(ry),
        rotation: degreesOf(angle),
      }
      return [{ shape: 'ellipse', size, value }]
    }
    case 'quad':
      onLoss({ what: 'annotation: quad', where })
      return [{ shape: 'polygon', size, value: { points: pairs(draft.points), closed: true } }]
    case 'polyline':
      if (draft.closed === true) onLoss({ what: 'field: closed', where })
      return [{ shape: 'polygon', size, value: { points: pairs(draft.points), closed: false } }]
    case 'polygon': {
      if (draft.parts.some((rings) => rings.length > 1)) {
        onLoss({ what: 'annotation: polygon', where })
        const mask = polygonToMask(draft.parts, size.width, size.height)
        if (mask !== undefined) return drawMask(maskGeometry(mask))
      }
      return draft.parts.map((rings) => ({
        shape: 'polygon',
        size,
        value: { points: pairs(rings[0] ?? []), closed: true },
      }))
    }
    case 'points':
      return draft.visibility.map((visibility, at) => ({
        shape: 'keypoint',
        size,
        visibility,
        value: {
          x: x(draft.points[at * 2] ?? 0),
          y: y(draft.points[at * 2 + 1] ?? 0),
          width: POINT_WIDTH,
        },
      }))
    case 'label':
    case 'caption':
    case 'cuboid-2d':
    case 'cuboid-3d':
    case 'reference':
    case 'relation':
    case 'tabular':
    case 'temporal-segment':
    case 'text':
    case 'vector':
      return []
  }
}

/** The corner is looked for that gives this centre when it is read. */
function turnedBox(
  box: Omit<RotatedBoxGeometry, 'type'>,
  size: { readonly width: number; readonly height: number },
): JsonObject {
  // Without rotation it would be read as a box that has none; a full turn is the same.
  const rotation = degreesOf(box.angle) || 360
  const [width, height] = [percentOf(box.width, size.width), percentOf(box.height, size.height)]
  const read = [toPixels(width, size.width), toPixels(height, size.height)] as const
  const centre = (x: number, y: number): { readonly cx: number; readonly cy: number } =>
    centreOf(toPixels(x, size.width), toPixels(y, size.height), ...read, radiansOf(rotation))
  const from = centre(0, 0)
  const [left, top] = [(box.cx - from.cx) / size.width, (box.cy - from.cy) / size.height]
  return {
    x: closeNumber(left * 100, box.cx, (x) => centre(x, 0).cx),
    y: closeNumber(top * 100, box.cy, (y) => centre(0, y).cy),
    width,
    height,
    rotation,
  }
}

function drawMask(geometry: {
  readonly width: number
  readonly height: number
  readonly counts: string
}): readonly Drawn[] {
  const mask = readMask(geometry)
  const bytes = mask === undefined ? undefined : maskToBrush(mask)
  if (mask === undefined || bytes === undefined) return []
  const { width, height } = mask
  return [{ shape: 'brush', size: { width, height }, value: { format: 'rle', rle: [...bytes] } }]
}

function percentOf(pixels: number, size: number): number {
  return closeNumber((pixels / size) * 100, pixels, (percent) => toPixels(percent, size))
}
