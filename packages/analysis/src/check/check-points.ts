import type { Annotation, BoxNumbers, Category, PointsGeometry } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames, rounded } from './describe-annotation.ts'
import { boxOf } from './geometry-numbers.ts'

/** Checks of points and skeletons. Memory does not grow. */
export const POINT_CHECKS: CheckFamily = {
  title: 'Keypoints',
  checks: [
    {
      name: 'keypoints-outside-box',
      severity: 'warning',
      about: 'A visible point lies outside of the box of its object.',
      parameters: { tolerance: { default: 1, about: 'Pixels that it may lie outside' } },
    },
    {
      name: 'skeleton-mismatch',
      severity: 'error',
      about:
        'An annotation has another number of points than its category says, or than it has visibilities.',
    },
  ],
  inspect: inspectPoints,
}

type Points = Extract<Annotation, { readonly type: 'points' }>

function inspectPoints({ schema, report, parameter }: InspectContext): Inspector {
  const describe = annotationNames(schema)
  const categories = new Map(schema.categories.map((each) => [each.key, each]))
  const tolerance = parameter('keypoints-outside-box', 'tolerance')
  return {
    item: ({ item: { subset, id }, annotations, all }: CheckedItem) => {
      for (const annotation of annotations) {
        if (annotation.type !== 'points') continue
        const place = { subset, id, annotation: annotation.uid }
        const problem = countProblem(annotation, categories.get(annotation.category ?? ''))
        if (problem !== undefined)
          report('skeleton-mismatch', { ...place, message: `${describe(annotation)} ${problem}` })
        const box = boxAround(annotation, all)
        const beyond = box === undefined ? 0 : distanceOutside(annotation, box)
        if (beyond > tolerance)
          report('keypoints-outside-box', {
            ...place,
            message: `${describe(annotation)} has a point ${rounded(beyond)} pixels out of its box`,
          })
      }
    },
  }
}

function countProblem(
  { points, visibility }: PointsGeometry,
  category: Category | undefined,
): string | undefined {
  const count = points.length / 2
  if (!Number.isInteger(count)) return 'has half a point'
  if (visibility.length !== count)
    return `has ${count} points and ${visibility.length} visibilities`
  const expected = category?.skeleton?.points.length ?? 0
  if (expected === 0 || expected === count) return undefined
  return `has ${count} points, its category ${expected}`
}

/** The box that is stated for the points, or that of their group. */
function boxAround(points: Points, all: readonly Annotation[]): BoxNumbers | undefined {
  if (points.box !== undefined || points.group === undefined) return points.box
  for (const other of all)
    if (other.uid !== points.uid && other.group === points.group) {
      const box = boxOf(other)
      if (box !== undefined) return box
    }
  return undefined
}

/** How far the farthest visible point lies outside, in pixels. */
function distanceOutside({ points, visibility }: PointsGeometry, box: BoxNumbers): number {
  const [left, top, width, height] = box
  let farthest = 0
  for (let at = 0; at + 1 < points.length; at += 2) {
    if (visibility[at / 2] === 0) continue
    const [x = 0, y = 0] = [points[at], points[at + 1]]
    farthest = Math.max(farthest, left - x, x - left - width, top - y, y - top - height)
  }
  return farthest
}
