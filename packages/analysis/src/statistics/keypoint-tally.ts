import type { PointsGeometry } from '@dsv/core'
import type { KeypointFigures } from './statistics.ts'

/** Keypoints that are counted as annotations come. */
export interface KeypointTally {
  /** @param names - Of the points of the category, where its skeleton is known */
  add(category: string, points: PointsGeometry, names: readonly string[]): void
  figures(): readonly KeypointFigures[]
}

const MAX_POINTS = 1000
const MAX_CATEGORIES = 1000

/** Counts how visible each point of each category is; memory grows with the points of categories. */
export function keypointTally(): KeypointTally {
  const categories = new Map<string, [absent: number, hidden: number, visible: number][]>()
  const namesOf = new Map<string, readonly string[]>()
  return {
    add: (category, { visibility }, names) => {
      let points = categories.get(category)
      if (points === undefined) {
        if (categories.size >= MAX_CATEGORIES) return
        points = []
        categories.set(category, points)
        namesOf.set(category, names)
      }
      const length = Math.min(visibility.length, MAX_POINTS)
      while (points.length < length) points.push([0, 0, 0])
      for (let index = 0; index < length; index++) {
        const point = points[index]
        if (point === undefined) continue
        const state = visibility[index] ?? 0
        point[state >= 2 ? 2 : state >= 1 ? 1 : 0]++
      }
    },
    figures: () =>
      [...categories]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([category, points]) => ({
          category,
          points: points.map(([absent, hidden, visible], index) => ({
            name: namesOf.get(category)?.[index] ?? String(index + 1),
            absent,
            hidden,
            visible,
          })),
        })),
  }
}
