import {
  type Annotation,
  bitmapToCounts,
  countsToBitmap,
  type Json,
  maskBounds,
  MAX_BITMAP_PIXELS,
  readMask,
  type Ring,
  type WriteContext,
} from '@dsv/core'
import type { ClassNames } from '../shared/class-names.ts'
import { closeNumber } from '../shared/close-number.ts'
import { isNumbers, isObject, type JsonObject } from '../shared/json-reader.ts'
import { encodeMaskPng } from '../shared/mask-png.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'
import type { ImageSize } from './read-shape.ts'

/** What shapes are written with. */
export interface ShapeTarget {
  readonly names: ClassNames
  readonly size: ImageSize | undefined
  readonly where: string
  readonly onLoss: WriteContext['onLoss']
}

const HOLDS: Holdings = {
  format: 'labelme',
  fields: new Set(['category', 'score', 'group']),
  attribute: (name, value) => name !== 'description' || value !== '',
}

/** The type, points and mask of a shape. */
interface ShapeForm {
  readonly shape_type: string
  readonly points: readonly (readonly number[])[]
  readonly mask?: string
}

/**
 * Returns the shapes for one annotation; none when labelme has no shape for it. A polygon of several
 * parts becomes several shapes; that is reported.
 */
export function shapesOf(annotation: Annotation, target: ShapeTarget): readonly JsonObject[] {
  const { names, where, onLoss } = target
  const own = ownOf(annotation.extra?.['labelme'])
  const forms = formsOf(annotation, own, target)
  if (forms.length === 0) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return []
  }
  reportAnnotationLosses(annotation, HOLDS, where, onLoss)
  const { group, score } = annotation
  const { description, ...attributes } = annotation.attributes ?? {}
  const said = Object.entries(attributes)
  const flags = said.filter(([, value]) => typeof value === 'boolean')
  const others: [string, Json][] = said.filter(([, value]) => typeof value !== 'boolean')
  const isText = typeof description === 'string'
  if (description !== undefined && !isText) others.push(['description', description])
  const { attributes: objects, ...rest } = ownOf(own['rest'])
  const written = { ...Object.fromEntries(others), ...ownOf(objects) }
  return forms.map(({ shape_type, points, mask }) => ({
    label: names.use(annotation.category) ?? '',
    points,
    group_id: group ?? null,
    description: isText ? description : '',
    shape_type,
    flags: Object.fromEntries(flags),
    mask: mask ?? null,
    ...(Object.keys(written).length > 0 && { attributes: written }),
    ...(score !== undefined && { score }),
    ...rest,
  }))
}

function ownOf(json: Json | undefined): JsonObject {
  return isObject(json) ? json : {}
}

function formsOf(
  annotation: Annotation,
  own: JsonObject,
  { size, where, onLoss }: ShapeTarget,
): readonly ShapeForm[] {
  const type = own['shape_type']
  if (annotation.type === 'mask') return maskForms(annotation, size)
  if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    return [
      {
        shape_type: 'rectangle',
        points: [
          [x, y],
          [endOf(x, width), endOf(y, height)],
        ],
      },
    ]
  }
  if (annotation.type === 'polygon') {
    const { parts } = annotation
    const isCut = parts.length > 1 || parts.some((rings) => rings.length > 1)
    if (isCut) onLoss({ what: 'annotation: polygon', where: `${where}: parts or holes` })
    return parts.map(([outer = []]) => ({ shape_type: 'polygon', points: pairs(outer) }))
  }
  if (annotation.type === 'polyline') {
    if (annotation.closed === true) onLoss({ what: 'field: closed', where })
    const isLine = type === 'line' && annotation.points.length === 4
    return [{ shape_type: isLine ? 'line' : 'linestrip', points: pairs(annotation.points) }]
  }
  if (annotation.type === 'points') {
    const { points, visibility } = annotation
    if (visibility.some((seen) => seen !== 2)) onLoss({ what: 'field: visibility', where })
    const isPoint = visibility.length === 1 ? type !== 'points' : type === 'point'
    return [{ shape_type: isPoint ? 'point' : 'points', points: pairs(points) }]
  }
  if (annotation.type === 'ellipse') {
    const { cx, cy, rx, ry, angle } = annotation
    if (rx !== ry || angle !== 0) return []
    const edge = edgeOf(own['edge'], annotation) ?? [endOf(cx, rx), cy]
    return [{ shape_type: 'circle', points: [[cx, cy], edge] }]
  }
  if (annotation.type !== 'quad' || typeof type !== 'string') return []
  return [{ shape_type: type, points: pairs(annotation.points) }]
}

/** A number so that the difference to `start` is `length` again. */
function endOf(start: number, length: number): number {
  return closeNumber(start + length, length, (end) => end - start)
}

function edgeOf(
  edge: Json | undefined,
  { cx, cy, rx }: { readonly cx: number; readonly cy: number; readonly rx: number },
): readonly number[] | undefined {
  const [x, y] = isNumbers(edge) ? edge : []
  if (x === undefined || y === undefined) return undefined
  return Math.hypot(x - cx, y - cy) === rx ? [x, y] : undefined
}

function pairs(points: Ring): readonly (readonly number[])[] {
  return Array.from({ length: points.length / 2 }, (_, at) => [
    points[at * 2] ?? 0,
    points[at * 2 + 1] ?? 0,
  ])
}

/** What is saved is the part of the mask that is not empty; of an empty one its first pixel. */
function maskForms(
  annotation: Annotation & { readonly type: 'mask' },
  size: ImageSize | undefined,
): readonly ShapeForm[] {
  const mask = readMask(annotation)
  const isFitting = mask !== undefined && size?.width === mask.width && size.height === mask.height
  const pixels = annotation.width * annotation.height
  if (!isFitting || pixels > MAX_BITMAP_PIXELS) return []
  const [left, top, across, down] = maskBounds(mask)
  const [width, height] = [Math.max(1, across), Math.max(1, down)]
  const bitmap = countsToBitmap(mask.counts, pixels)
  const crop = new Uint8Array(width * height)
  for (let x = 0; x < width; x += 1) {
    const start = (left + x) * mask.height + top
    crop.set(bitmap.subarray(start, start + height), x * height)
  }
  const png = encodeMaskPng({ width, height, counts: bitmapToCounts(crop) })
  return [
    {
      shape_type: 'mask',
      points: [
        [left, top],
        [left + width - 1, top + height - 1],
      ],
      mask: Buffer.from(png).toString('base64'),
    },
  ]
}
