import {
  type AnnotationDraft,
  type AttributeValue,
  type BoxNumbers,
  bitmapToCounts,
  countsToBitmap,
  type Geometry,
  type Json,
  type Mask,
  maskGeometry,
  MAX_BITMAP_PIXELS,
} from '@dsv/core'
import { isAttributeValue } from '../shared/attribute-value.ts'
import {
  arrayAt,
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'
import { partInPixels } from '../shared/normalised-box.ts'
import type { LabelKind } from './label-kind.ts'
import { decodeNumpyMask } from './numpy-mask.ts'

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** What reading a label needs. */
export interface LabelContext {
  readonly place: JsonPlace
  /** Without it only what has no place in the image can be read. */
  readonly size: ImageSize | undefined
  /** Reads the mask in another file. */
  readonly readMaskFile: (path: string) => Promise<Mask>
}

/** Fields of labels that say where and what; the others are attributes. */
const OWN: Readonly<Record<LabelKind, readonly string[]>> = {
  detections: ['bounding_box', 'mask', 'mask_path'],
  polylines: ['points', 'closed', 'filled'],
  keypoints: ['points'],
  classifications: [],
}
const COMMON = ['_cls', '_id', 'label', 'confidence', 'index', 'attributes', 'tags']

/**
 * Reads one label as annotations: several for a line of several parts. Returns undefined when the size
 * of the image is needed and not known.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readLabel(
  kind: LabelKind,
  label: JsonObject,
  context: LabelContext,
): Promise<readonly AnnotationDraft[] | undefined> {
  const geometries = await geometriesOf(kind, label, context)
  if (geometries === undefined) return undefined
  const common = commonOf(kind, label)
  return geometries.map((geometry) => ({ ...common, ...geometry }))
}

async function geometriesOf(
  kind: LabelKind,
  label: JsonObject,
  context: LabelContext,
): Promise<readonly (Geometry & { readonly box?: BoxNumbers })[] | undefined> {
  const { place, size } = context
  if (kind === 'classifications') return [{ type: 'label' }]
  if (size === undefined) return undefined
  if (kind === 'detections') return [await detectionOf(label, size, context)]
  const at = placeOf(place, 'points')
  if (kind === 'keypoints') return [keypointsOf(label['points'], size, at)]
  const parts = arrayAt(label['points'], at).map((part, index) =>
    arrayAt(part, placeOf(at, index)).flatMap((point, place2) =>
      pointAt(point, size, placeOf(placeOf(at, index), place2)),
    ),
  )
  if (label['filled'] === true) return [{ type: 'polygon', parts: parts.map((ring) => [ring]) }]
  const closed = label['closed'] === true ? { closed: true } : {}
  return parts.map((points) => ({ type: 'polyline', points, ...closed }))
}

function pointAt(point: Json, { width, height }: ImageSize, place: JsonPlace): readonly number[] {
  const [x, y] = isNumbers(point) ? point : []
  if (x === undefined || y === undefined) throw wrongValue(place, 'should be two numbers')
  return [partInPixels(x, width), partInPixels(y, height)]
}

/** A point that is not there has no numbers. */
function keypointsOf(json: Json | undefined, size: ImageSize, place: JsonPlace): Geometry {
  const points: number[] = []
  const visibility: number[] = []
  for (const [at, point] of arrayAt(json, place).entries()) {
    const isAbsent = isArray(point) && point.length === 2 && point.every(isNothing)
    points.push(...(isAbsent ? [0, 0] : pointAt(point, size, placeOf(place, at))))
    visibility.push(isAbsent ? 0 : 2)
  }
  return { type: 'points', points, visibility }
}

function isNothing(json: Json): boolean {
  return json === null || (isObject(json) && json['$numberDouble'] === 'NaN')
}

async function detectionOf(
  label: JsonObject,
  size: ImageSize,
  { place, readMaskFile }: LabelContext,
): Promise<Geometry & { readonly box?: BoxNumbers }> {
  const at = placeOf(place, 'bounding_box')
  const stated = label['bounding_box']
  const [left, top, across, down] = isNumbers(stated) && stated.length === 4 ? stated : []
  if (left === undefined || top === undefined || across === undefined || down === undefined) {
    throw wrongValue(at, 'should be four numbers')
  }
  const { width, height } = size
  const x = partInPixels(left, width)
  const y = partInPixels(top, height)
  const box: BoxNumbers = [x, y, partInPixels(across, width), partInPixels(down, height)]
  const { mask, mask_path: path } = label
  if ((mask === undefined || mask === null) && typeof path !== 'string') {
    return { type: 'box', x, y, width: box[2], height: box[3] }
  }
  if (width * height > MAX_BITMAP_PIXELS)
    throw wrongValue(place, 'is in an image that is too large')
  const part =
    typeof path === 'string' && (mask === undefined || mask === null)
      ? await readMaskFile(path)
      : decodeNumpyMask(mask ?? null, place.file, `${place.path}.mask`)
  return { ...maskGeometry(placeMask(part, box, size)), box }
}

/** Puts the mask of a box into the image; one of another size is stretched. */
function placeMask(part: Mask, [x, y, across, down]: BoxNumbers, size: ImageSize): Mask {
  const [left, top] = [Math.round(x), Math.round(y)]
  const width = Math.min(Math.max(1, Math.round(across)), size.width - left)
  const height = Math.min(Math.max(1, Math.round(down)), size.height - top)
  const pixels = countsToBitmap(part.counts, part.width * part.height)
  const bitmap = new Uint8Array(size.width * size.height)
  const [wide, high] = [Math.max(1, Math.round(across)), Math.max(1, Math.round(down))]
  for (let column = Math.max(0, -left); column < width; column += 1) {
    const from = Math.floor(((column + 0.5) * part.width) / wide)
    for (let row = Math.max(0, -top); row < height; row += 1) {
      const source = from * part.height + Math.floor(((row + 0.5) * part.height) / high)
      bitmap[(left + column) * size.height + top + row] = pixels[source] ?? 0
    }
  }
  return { ...size, counts: bitmapToCounts(bitmap) }
}

/** Fields that other tools write as attributes under these names. */
const FLAGS: ReadonlyMap<string, 'occluded' | 'truncated' | 'outside'> = new Map([
  ['occluded', 'occluded'],
  ['truncated', 'truncated'],
  ['outside', 'outside'],
])

function commonOf(
  kind: LabelKind,
  label: JsonObject,
): Omit<AnnotationDraft & { type: 'label' }, 'type'> {
  const { label: name, confidence, index, attributes: old, tags } = label
  const attributes: [string, AttributeValue][] = []
  const rest: [string, Json][] = []
  const fields: Record<string, Json> = {}
  const said = Object.entries(isObject(old) ? old : {}).map(
    ([key, value]) =>
      [key, isObject(value) && 'value' in value ? (value['value'] ?? null) : value] as const,
  )
  const known = new Set([...COMMON, ...OWN[kind]])
  for (const [key, value] of [
    ...said,
    ...Object.entries(label).filter(([each]) => !known.has(each)),
  ]) {
    const flag = FLAGS.get(key)
    if (flag !== undefined && typeof value === 'boolean') fields[flag] = value
    else if (key === 'iscrowd' && (typeof value === 'boolean' || value === 0 || value === 1)) {
      fields['crowd'] = value === true || value === 1
    } else if (FIELD_NAMES.has(key) && isId(value)) fields[FIELD_NAMES.get(key) ?? key] = value
    else if (key === 'area' && typeof value === 'number') fields['area'] = value
    else if (key === 'z_order' && typeof value === 'number') fields['zOrder'] = value
    else if (isAttributeValue(value) && value !== null) attributes.push([key, value])
    else if (value !== null) rest.push([key, value])
  }
  if (isArray(tags) && tags.length > 0 && isAttributeValue(tags)) attributes.push(['tags', tags])
  const score = scoreOf(confidence)
  if (score === undefined && confidence !== undefined && confidence !== null) {
    rest.push(['confidence', confidence])
  }
  const id = isObject(label['_id']) ? label['_id']['$oid'] : label['_id']
  return {
    ...(typeof id === 'string' && { sourceId: id }),
    ...fields,
    ...(typeof name === 'string' && { category: name }),
    ...(score !== undefined && { score }),
    ...(typeof index === 'number' && { track: index }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    ...(rest.length > 0 && { extra: { fiftyone: Object.fromEntries(rest) } }),
  }
}

const FIELD_NAMES: ReadonlyMap<string, string> = new Map([
  ['source_id', 'sourceId'],
  ['group_id', 'group'],
  ['track_id', 'track'],
])

function isId(value: Json): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** Key points have a confidence each; where that is the same for all it is one. */
function scoreOf(confidence: Json | undefined): number | undefined {
  if (typeof confidence === 'number') return confidence
  if (!isNumbers(confidence)) return undefined
  const [first] = confidence
  return confidence.every((each) => each === first) ? first : undefined
}
