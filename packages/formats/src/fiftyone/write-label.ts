import {
  type Annotation,
  bitmapToCounts,
  type BoxNumbers,
  countsToBitmap,
  type Json,
  type Mask,
  maskBounds,
  MAX_BITMAP_PIXELS,
  readMask,
  type WriteContext,
} from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { partInPixels } from '../shared/normalised-box.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'
import { CLASS_NAMES, type LabelKind } from './label-kind.ts'
import { encodeNumpyMask } from './numpy-mask.ts'
import type { ImageSize } from './read-label.ts'

/** What labels are written with. */
export interface LabelTarget {
  readonly name: string | undefined
  readonly size: ImageSize | undefined
  readonly where: string
  readonly onLoss: WriteContext['onLoss']
  /** The id of a label that has none of its own; undefined where labels may be without. */
  readonly newId: string | undefined
}

/** Names that have a meaning of their own in a label. */
const RESERVED: ReadonlySet<string> = new Set([
  ...'_cls _id id label confidence index attributes bounding_box mask mask_path points closed'.split(
    ' ',
  ),
  ...'filled source_id group_id track_id area z_order occluded truncated outside iscrowd'.split(
    ' ',
  ),
])
const HOLDS: Holdings = {
  format: 'fiftyone',
  fields: new Set([
    'category',
    'score',
    'sourceId',
    'group',
    'track',
    'zOrder',
    'occluded',
    'outside',
    'truncated',
    'area',
    'crowd',
  ]),
  attribute: (name, value) =>
    !RESERVED.has(name) && value !== null && (name !== 'tags' || isTags(value)),
}

/** Returns the label for an annotation; undefined when it cannot be written. */
export function labelOf(
  annotation: Annotation,
  kind: LabelKind,
  target: LabelTarget,
): JsonObject | undefined {
  const { name, where, onLoss } = target
  const geometry = geometryOf(annotation, target)
  if (geometry === undefined) return undefined
  const { box } = annotation
  const isBoxKept = annotation.type === 'mask' && box !== undefined && isSame(geometry.box, box)
  const fields = isBoxKept ? new Set([...HOLDS.fields, 'box' as const]) : HOLDS.fields
  reportAnnotationLosses(annotation, { ...HOLDS, fields }, where, onLoss)
  const { score } = annotation
  const { tags, ...attributes } = annotation.attributes ?? {}
  const own = annotation.extra?.['fiftyone']
  return {
    ...idOf(annotation, target.newId),
    _cls: CLASS_NAMES[kind],
    ...(kind !== 'classifications' && { attributes: {} }),
    tags: tags !== undefined && isTags(tags) ? tags : [],
    ...(name !== undefined && { label: name }),
    ...geometry.json,
    ...(score !== undefined && {
      confidence: annotation.type === 'points' ? annotation.visibility.map(() => score) : score,
    }),
    ...statedFields(annotation),
    ...Object.fromEntries(
      Object.entries(attributes).filter(([key, value]) => HOLDS.attribute?.(key, value)),
    ),
    ...(isObject(own) && own),
  }
}

function isTags(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((tag) => typeof tag === 'string')
}

function isSame(a: BoxNumbers | undefined, b: BoxNumbers): boolean {
  return a !== undefined && a.every((value, at) => value === b[at])
}

/** Ids are those of MongoDB; others are a field. */
function idOf({ sourceId }: Annotation, newId: string | undefined): JsonObject {
  if (typeof sourceId === 'string' && /^[\da-f]{24}$/u.test(sourceId)) {
    return { _id: { $oid: sourceId } }
  }
  return {
    ...(newId !== undefined && { _id: { $oid: newId } }),
    ...(sourceId !== undefined && { source_id: sourceId }),
  }
}

function statedFields(annotation: Annotation): JsonObject {
  const { group, track, zOrder, occluded, outside, truncated, area, crowd } = annotation
  return {
    ...(typeof track === 'number' && { index: track }),
    ...(typeof track === 'string' && { track_id: track }),
    ...(group !== undefined && { group_id: group }),
    ...(zOrder !== undefined && { z_order: zOrder }),
    ...(occluded !== undefined && { occluded }),
    ...(outside !== undefined && { outside }),
    ...(truncated !== undefined && { truncated }),
    ...(area !== undefined && { area }),
    ...(crowd !== undefined && { iscrowd: crowd }),
  }
}

interface LabelGeometry {
  readonly json: JsonObject
  /** The box that is read for a mask. */
  readonly box?: BoxNumbers
}

function geometryOf(annotation: Annotation, target: LabelTarget): LabelGeometry | undefined {
  const { size, where, onLoss } = target
  if (annotation.type === 'label') return { json: {} }
  if (size === undefined) return undefined
  const part = (value: number, of: number, field: string): number => {
    const written = value / of
    if (partInPixels(written, of) !== value) onLoss({ what: `field: ${field}`, where })
    return written
  }
  const pairs = (points: readonly number[], field: string): readonly (readonly number[])[] =>
    Array.from({ length: points.length / 2 }, (_, at) => [
      part(points[at * 2] ?? 0, size.width, field),
      part(points[at * 2 + 1] ?? 0, size.height, field),
    ])
  if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    const box = [
      part(x, size.width, 'x'),
      part(y, size.height, 'y'),
      part(width, size.width, 'width'),
      part(height, size.height, 'height'),
    ]
    return { json: { bounding_box: box } }
  }
  if (annotation.type === 'polygon') {
    const { parts } = annotation
    const hasHoles = parts.some((rings) => rings.length > 1)
    if (hasHoles) onLoss({ what: 'annotation: polygon', where: `${where}: holes` })
    const points = parts.map(([ring = []]) => pairs(ring, 'parts'))
    return { json: { points, closed: true, filled: true } }
  }
  if (annotation.type === 'polyline') {
    const points = [pairs(annotation.points, 'points')]
    return { json: { points, closed: annotation.closed === true, filled: false } }
  }
  if (annotation.type === 'points')
    return { json: { points: keypoints(annotation, pairs, target) } }
  return annotation.type === 'mask' ? maskOf(annotation, size) : undefined
}

function keypoints(
  { points, visibility }: Annotation & { readonly type: 'points' },
  pairs: (points: readonly number[], field: string) => readonly (readonly number[])[],
  { where, onLoss }: LabelTarget,
): readonly Json[] {
  if (visibility.includes(1)) onLoss({ what: 'field: visibility', where })
  const isMoved = visibility.some(
    (seen, at) => seen === 0 && (points[at * 2] !== 0 || points[at * 2 + 1] !== 0),
  )
  if (isMoved) onLoss({ what: 'field: points', where })
  const nothing = { $numberDouble: 'NaN' }
  return pairs(points, 'points').map((pair, at) => {
    return visibility[at] === 0 ? [nothing, nothing] : pair
  })
}

/** The stated box is kept where the whole mask lies in it. */
function maskOf(
  annotation: Annotation & { readonly type: 'mask' },
  size: ImageSize,
): LabelGeometry | undefined {
  const mask = readMask(annotation)
  const isFitting = mask !== undefined && mask.width === size.width && mask.height === size.height
  if (!isFitting || size.width * size.height > MAX_BITMAP_PIXELS) return undefined
  const [left, top, across, down] = maskBounds(mask)
  const bounds: BoxNumbers = [left, top, Math.max(1, across), Math.max(1, down)]
  const box =
    annotation.box !== undefined && holds(annotation.box, bounds, size) ? annotation.box : bounds
  const { width, height } = size
  const json = {
    bounding_box: [box[0] / width, box[1] / height, box[2] / width, box[3] / height],
    mask: encodeNumpyMask(cropped(mask, pixelsOf(box))),
  }
  const again: BoxNumbers = [
    partInPixels(box[0] / width, width),
    partInPixels(box[1] / height, height),
    partInPixels(box[2] / width, width),
    partInPixels(box[3] / height, height),
  ]
  return { json, box: again }
}

function pixelsOf([x, y, width, height]: BoxNumbers): BoxNumbers {
  const [across, down] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))]
  return [Math.round(x), Math.round(y), across, down]
}

function holds(box: BoxNumbers, bounds: BoxNumbers, size: ImageSize): boolean {
  const [left, top, width, height] = pixelsOf(box)
  return (
    left >= 0 &&
    top >= 0 &&
    left + width <= size.width &&
    top + height <= size.height &&
    left <= bounds[0] &&
    top <= bounds[1] &&
    left + width >= bounds[0] + bounds[2] &&
    top + height >= bounds[1] + bounds[3]
  )
}

function cropped(mask: Mask, [left, top, width, height]: BoxNumbers): Mask {
  const bitmap = countsToBitmap(mask.counts, mask.width * mask.height)
  const crop = new Uint8Array(width * height)
  for (let x = 0; x < width; x += 1) {
    const start = (left + x) * mask.height + top
    crop.set(bitmap.subarray(start, start + height), x * height)
  }
  return { width, height, counts: bitmapToCounts(crop) }
}
