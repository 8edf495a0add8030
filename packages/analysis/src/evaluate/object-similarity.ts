import { boxIou, maskIou } from '@dsv/core'
import type { CocoTask } from './coco-parameters.ts'
import type { DetectionObject } from './detection-object.ts'

/** Keeps divisions by an area of nothing finite, as COCO does. */
const SPACING = 2 ** -52

/** Returns how well a detection covers an object of the truth, 0…1. */
export type Similarity = (found: DetectionObject, truth: DetectionObject) => number

/**
 * Returns how objects of a task are compared: boxes and masks by intersection over union (over the detection alone
 * where the truth is a crowd), keypoints by object keypoint similarity.
 *
 * @param sigmas - Per keypoint, where keypoints are compared
 * @see {@link https://cocodataset.org/#keypoints-eval | COCO keypoint evaluation}
 */
export function objectSimilarity(task: CocoTask, sigmas: readonly number[] = []): Similarity {
  if (task === 'box') return ({ box }, truth) => boxIou(box, truth.box, truth.isCrowd)
  if (task === 'mask') return maskSimilarity
  const spreads = sigmas.map((sigma) => (2 * sigma) ** 2)
  return (found, truth) => keypointSimilarity(found, truth, spreads)
}

function maskSimilarity(found: DetectionObject, truth: DetectionObject): number {
  if (found.mask === undefined || truth.mask === undefined) return 0
  return maskIou(found.mask, truth.mask, truth.isCrowd)
}

/** Points that the truth does not see do not count; without any, the distance to its box, doubled, does. */
function keypointSimilarity(
  found: DetectionObject,
  { points: truth, area, box: [x, y, width, height] }: DetectionObject,
  spreads: readonly number[],
): number {
  if (found.points === undefined || truth === undefined) return 0
  const isBlank = truth.visibility.every((visibility) => !(visibility > 0))
  let sum = 0
  let count = 0
  for (const [index, spread] of spreads.entries()) {
    if (!isBlank && !((truth.visibility[index] ?? 0) > 0)) continue
    const foundX = found.points.points[2 * index] ?? 0
    const foundY = found.points.points[2 * index + 1] ?? 0
    const dx = isBlank ? outside(foundX, x, width) : foundX - (truth.points[2 * index] ?? 0)
    const dy = isBlank ? outside(foundY, y, height) : foundY - (truth.points[2 * index + 1] ?? 0)
    sum += Math.exp(-((dx ** 2 + dy ** 2) / spread / (area + SPACING) / 2))
    count += 1
  }
  return count === 0 ? 0 : sum / count
}

/** How far a coordinate lies outside of the side of a box that was doubled about its middle on each side. */
function outside(at: number, start: number, length: number): number {
  return Math.max(0, start - length - at) + Math.max(0, at - (start + 2 * length))
}
