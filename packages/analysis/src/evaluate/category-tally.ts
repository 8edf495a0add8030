import { type Curve, precisionCurve } from './average-precision.ts'
import type { CocoParameters } from './coco-parameters.ts'
import {
  countWanted,
  isWithin,
  matchDetections,
  type Matches,
  type MatchInput,
} from './match-detections.ts'
import { mean } from './mean.ts'

/** All detections of one category, as much of them as its figures need. */
export interface CategoryTally {
  /** Adds what was found on one image. */
  add(input: MatchInput, order: number): void
  /** Objects to find within each range of areas. */
  readonly wanted: readonly number[]
  /** Returns the curve, or undefined where there is nothing to find. */
  curve(at: CurvePlace): Curve | undefined
  /** Returns what a curve comes to, or undefined where there is nothing to find. */
  figures(at: CurvePlace): CurveFigures | undefined
}

/** A curve in two numbers. */
export interface CurveFigures {
  /** The mean of its precision over all recalls. */
  readonly averagePrecision: number
  readonly recall: number
}

/** Which curve: indexes into the lists of {@link CocoParameters}. */
export interface CurvePlace {
  readonly threshold: number
  readonly range: number
  readonly limit: number
}

/** Returns a tally of nothing. The thresholds of overlap are at most 31: one bit of a number each. */
export function categoryTally(parameters: CocoParameters): CategoryTally {
  const { areaRanges, iouThresholds, maxDetections } = parameters
  const scores: number[] = []
  const orders: number[] = []
  /** The place of each detection among those of its image. */
  const places: number[] = []
  const matched = areaRanges.map((): number[] => [])
  const ignored = areaRanges.map((): number[] => [])
  const wanted = areaRanges.map(() => 0)
  let ranked: readonly Uint32Array[] | undefined
  const known = new Map<string, CurveFigures | undefined>()
  const lowest = Math.min(...iouThresholds)
  const everyThreshold = 2 ** iouThresholds.length - 1
  const tally: CategoryTally = {
    wanted,
    add(input, order) {
      ranked = undefined
      known.clear()
      for (const [place, { score }] of input.found.entries()) {
        scores.push(score)
        orders.push(order)
        places.push(place)
      }
      // Most detections of a model cover nothing of their category: no threshold has to be tried.
      const isFar = input.overlaps.every((overlap) => overlap < lowest)
      for (const [index, range] of areaRanges.entries()) {
        wanted[index] = (wanted[index] ?? 0) + countWanted(input.truth, range)
        if (isFar) {
          for (const { area, isIgnored } of input.found) {
            matched[index]?.push(0)
            ignored[index]?.push(isIgnored || !isWithin(area, range) ? everyThreshold : 0)
          }
          continue
        }
        const matches = iouThresholds.map((each) => matchDetections(input, each, range))
        for (const place of input.found.keys()) {
          matched[index]?.push(bits(matches, ({ truthOf }) => (truthOf[place] ?? -1) >= 0))
          ignored[index]?.push(bits(matches, ({ isIgnored }) => isIgnored[place] === 1))
        }
      }
    },
    curve({ threshold, range, limit }) {
      const count = wanted[range] ?? 0
      if (count === 0) return undefined
      ranked ??= rankings(scores, orders, places, maxDetections)
      const ranks = ranked[limit] ?? new Uint32Array()
      const has = (flags: readonly number[] | undefined, rank: number): boolean =>
        (((flags?.[ranks[rank] ?? 0] ?? 0) >>> threshold) & 1) === 1
      const list = {
        length: ranks.length,
        isMatched: (rank: number): boolean => has(matched[range], rank),
        isIgnored: (rank: number): boolean => has(ignored[range], rank),
      }
      return precisionCurve(list, count, parameters)
    },
    figures(at) {
      const key = `${at.threshold} ${at.range} ${at.limit}`
      if (!known.has(key)) known.set(key, figuresOf(tally.curve(at)))
      return known.get(key)
    },
  }
  return tally
}

function figuresOf(curve: Curve | undefined): CurveFigures | undefined {
  return curve && { averagePrecision: mean(curve.precision), recall: curve.recall }
}

function bits(matches: readonly Matches[], isSet: (matches: Matches) => boolean): number {
  let value = 0
  for (const [index, each] of matches.entries()) if (isSet(each)) value |= 1 << index
  return value
}

/** For each limit the indexes of the detections by falling score; equal ones as their images come. */
function rankings(
  scores: readonly number[],
  orders: readonly number[],
  places: readonly number[],
  limits: readonly number[],
): readonly Uint32Array[] {
  const at = (list: readonly number[], index: number): number => list[index] ?? 0
  const all = Uint32Array.from(scores.keys()).toSorted(
    (a, b) =>
      at(scores, b) - at(scores, a) ||
      at(orders, a) - at(orders, b) ||
      at(places, a) - at(places, b),
  )
  return limits.map((limit) => all.filter((index) => at(places, index) < limit))
}
