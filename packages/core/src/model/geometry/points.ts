import type { PointsGeometry } from '../annotation.ts'

/** Points with their visibility, without their type. */
export type Points = Omit<PointsGeometry, 'type'>

/** COCO's per-point standard deviation for point sets that have none of their own. */
const DEFAULT_SIGMA = 0.05

/**
 * Returns object keypoint similarity, 0…1: the mean over points that both have of
 * `exp(−d² / (2 · area · (2σ)²))`.
 *
 * @param area - Square pixels of the object
 * @param sigmas - One for each point; missing ones are 0.05
 */
export function keypointSimilarity(
  a: Points,
  b: Points,
  area: number,
  sigmas: readonly number[] = [],
): number {
  const count = Math.max(a.points.length, b.points.length) / 2
  let sum = 0
  let compared = 0
  for (let index = 0; index < count; index++) {
    const inA = isPresent(a, index)
    const inB = isPresent(b, index)
    if (!inA && !inB) continue
    compared++
    if (!inA || !inB) continue
    const dx = (a.points[2 * index] ?? 0) - (b.points[2 * index] ?? 0)
    const dy = (a.points[2 * index + 1] ?? 0) - (b.points[2 * index + 1] ?? 0)
    const spread = (2 * (sigmas[index] ?? DEFAULT_SIGMA)) ** 2
    sum += Math.exp(-(dx * dx + dy * dy) / (2 * Math.max(area, 1) * spread))
  }
  const similarity = sum / compared
  return similarity > 0 ? similarity : 0
}

/** Returns the coordinates of the points that are there (visibility not 0). */
export function presentPoints(points: Points): readonly number[] {
  return points.points.filter((_, index) => isPresent(points, Math.floor(index / 2)))
}

function isPresent(points: Points, index: number): boolean {
  return 2 * index + 1 < points.points.length && points.visibility[index] !== 0
}
