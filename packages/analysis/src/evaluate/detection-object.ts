import {
  type Annotation,
  areaOf,
  boundsOf,
  boxArea,
  type BoxNumbers,
  type CategoryKey,
  type Mask,
  maskArea,
  maskBounds,
  polygonToMask,
} from '@dsv/core'
import type { CocoTask } from './coco-parameters.ts'
import { type ImageSize, regionOf } from './region-of.ts'

/** An annotation as evaluation compares it. */
export interface DetectionObject {
  readonly annotation: Annotation
  readonly category: CategoryKey
  /** 1 where the annotation states none. */
  readonly score: number
  /** Square pixels, as COCO takes them: what the truth states, else what it covers. */
  readonly area: number
  /** Stands for many objects: many detections may find it, and none of them counts. */
  readonly isCrowd: boolean
  /** Is not counted when it is missed, and what finds it is not counted either. */
  readonly isIgnored: boolean
  readonly box: BoxNumbers
  readonly mask?: Mask
  readonly points?: { readonly points: readonly number[]; readonly visibility: readonly number[] }
}

/**
 * Returns the annotation as an object of the truth, or undefined when it says nothing for this task (a label, a
 * box without a mask where masks are compared, no category).
 *
 * Its area is what its source states, else that of the mask or polygon, else that of the box.
 */
export function truthObject(
  annotation: Annotation,
  task: CocoTask,
  size: ImageSize | undefined,
): DetectionObject | undefined {
  const shape = shapeOf(annotation, task, size)
  if (shape === undefined || annotation.category === undefined) return undefined
  const isCrowd = annotation.crowd === true
  const isBlank = task === 'points' && visiblePoints(annotation) === 0
  return {
    annotation,
    category: annotation.category,
    score: annotation.score ?? 1,
    area: annotation.area ?? coveredArea(annotation, shape),
    isCrowd,
    isIgnored: isCrowd || isBlank,
    ...shape,
  }
}

/**
 * Returns the annotation as a detection, or undefined when it says nothing for this task. Its area is that of the
 * box that it states, else that of its mask, else that of the box around its points.
 */
export function foundObject(
  annotation: Annotation,
  task: CocoTask,
  size: ImageSize | undefined,
): DetectionObject | undefined {
  const shape = shapeOf(annotation, task, size)
  if (shape === undefined || annotation.category === undefined) return undefined
  const area =
    annotation.box === undefined && shape.mask !== undefined && annotation.type !== 'box'
      ? maskArea(shape.mask)
      : boxArea(shape.box)
  return {
    annotation,
    category: annotation.category,
    score: annotation.score ?? 1,
    area,
    isCrowd: false,
    isIgnored: false,
    ...shape,
  }
}

type Shape = Pick<DetectionObject, 'box' | 'mask' | 'points'>

function shapeOf(
  annotation: Annotation,
  task: CocoTask,
  size: ImageSize | undefined,
): Shape | undefined {
  if (task === 'points') {
    if (annotation.type !== 'points') return undefined
    return { box: annotation.box ?? extentOf(annotation.points), points: annotation }
  }
  if (task === 'mask') {
    const mask = maskOf(annotation, size)
    return mask && { box: annotation.box ?? maskBounds(mask), mask }
  }
  const box = annotation.box ?? boundsOf(annotation)
  return box && { box }
}

/** The box around all points, whether visible or not: COCO takes those without place as being at 0, 0. */
function extentOf(points: readonly number[]): BoxNumbers {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let index = 0; index + 1 < points.length; index += 2) {
    const [x, y] = [points[index] ?? 0, points[index + 1] ?? 0]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return left <= right ? [left, top, right - left, bottom - top] : [0, 0, 0, 0]
}

/** COCO takes a box without a region as one that it fills. */
function maskOf(annotation: Annotation, size: ImageSize | undefined): Mask | undefined {
  if (annotation.type !== 'box' || size === undefined) return regionOf(annotation, size)
  const { x, y, width, height } = annotation
  const ring = [x, y, x, y + height, x + width, y + height, x + width, y]
  return polygonToMask([[ring]], size.width, size.height)
}

function coveredArea(annotation: Annotation, { box, mask }: Shape): number {
  if (mask !== undefined) return maskArea(mask)
  return areaOf(annotation) || boxArea(box)
}

function visiblePoints(annotation: Annotation): number {
  if (annotation.type !== 'points') return 0
  return annotation.visibility.filter((visibility) => visibility > 0).length
}
