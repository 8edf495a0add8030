import {
  type Annotation,
  type AnnotationDraft,
  type BoxNumbers,
  rotatedBoxCorners,
} from '@dsv/core'
import { boxAround } from './box-around.ts'
import type { Size } from './image-size.ts'
import type { LineShape } from './label-line.ts'

/** The numbers of one line, after its class; `reduced` tells that they say less than the annotation. */
export interface LineValues {
  readonly values: readonly number[]
  readonly reduced: boolean
}

/**
 * Returns the normalised numbers of an annotation as the task wants them, one list for each line, or
 * undefined when the task cannot hold anything of it.
 */
export function annotationToValues(
  annotation: Annotation | AnnotationDraft,
  size: Size,
  shape: LineShape,
): readonly LineValues[] | undefined {
  if (shape.task === 'segment') return segmentValues(annotation, size)
  if (shape.task === 'obb') return quadValues(annotation, size)
  if (shape.task === 'pose') return poseValues(annotation, size, shape)
  return boxValues(annotation, size)
}

/** Returns `cx cy w h` of an annotation, or of its bounds. */
export function boxValues(
  annotation: Annotation | AnnotationDraft,
  size: Size,
): readonly LineValues[] | undefined {
  const bounds = boxAround(annotation)
  if (bounds === undefined) return undefined
  return [{ values: boxNumbers(bounds, size), reduced: annotation.type !== 'box' }]
}

function boxNumbers([x, y, width, height]: BoxNumbers, size: Size): readonly number[] {
  return [
    (x + width / 2) / size.width,
    (y + height / 2) / size.height,
    width / size.width,
    height / size.height,
  ]
}

function segmentValues(
  annotation: Annotation | AnnotationDraft,
  size: Size,
): readonly LineValues[] | undefined {
  if (annotation.type !== 'polygon') {
    const corners = cornersOf(annotation)
    return corners && [{ values: normalised(corners, size), reduced: true }]
  }
  const reduced = annotation.parts.length !== 1 || annotation.parts[0]?.length !== 1
  const rings = annotation.parts.flatMap(([outer]) => (outer === undefined ? [] : [outer]))
  const usable = rings.filter((ring) => ring.length >= 6)
  if (usable.length === 0) return undefined
  return usable.map((ring) => ({ values: normalised(ring, size), reduced }))
}

function quadValues(
  annotation: Annotation | AnnotationDraft,
  size: Size,
): readonly LineValues[] | undefined {
  const corners = cornersOf(annotation)
  return corners && [{ values: normalised(corners, size), reduced: annotation.type !== 'quad' }]
}

function poseValues(
  annotation: Annotation | AnnotationDraft,
  size: Size,
  shape: LineShape,
): readonly LineValues[] | undefined {
  const { count, dimensions } = shape.keypoints ?? { count: 0, dimensions: 3 }
  const bounds = boxAround(annotation)
  if (bounds === undefined) return undefined
  const values = [...boxNumbers(bounds, size)]
  if (annotation.type !== 'points') {
    for (let left = count * dimensions; left > 0; left -= 1) values.push(0)
    return [{ values, reduced: annotation.type !== 'box' }]
  }
  let reduced = annotation.visibility.length > count || annotation.visibility.every((v) => v === 0)
  for (let index = 0; index < count; index += 1) {
    const x = (annotation.points[index * 2] ?? 0) / size.width
    const y = (annotation.points[index * 2 + 1] ?? 0) / size.height
    const visibility = annotation.visibility[index] ?? 0
    if (dimensions === 3) {
      values.push(x, y, visibility)
      continue
    }
    // Two numbers a point: only a negative number says that it is absent, and −0.01 is still accepted.
    const isMarked = visibility > 0 || x < 0 || y < 0
    values.push(isMarked ? x : ABSENT, isMarked ? y : ABSENT)
    reduced ||= visibility === 1
  }
  return [{ values, reduced }]
}

const ABSENT = -0.005

function cornersOf(annotation: Annotation | AnnotationDraft): readonly number[] | undefined {
  if (annotation.type === 'quad')
    return annotation.points.length === 8 ? annotation.points : undefined
  if (annotation.type === 'rotated-box') return rotatedBoxCorners(annotation)
  const bounds = boxAround(annotation)
  if (bounds === undefined) return undefined
  const [x, y, width, height] = bounds
  return [x, y, x + width, y, x + width, y + height, x, y + height]
}

function normalised(points: readonly number[], size: Size): readonly number[] {
  return points.map((value, index) => value / (index % 2 === 0 ? size.width : size.height))
}
