import type { AreaRange } from './coco-parameters.ts'
import type { DetectionObject } from './detection-object.ts'

/** What became of the detections of one image and category at one threshold, within a range of areas. */
export interface Matches {
  /** For each detection the index of the object it found, or −1. */
  readonly truthOf: Int32Array
  /** Detections that count neither as right nor as wrong. */
  readonly isIgnored: Uint8Array
}

/** The objects and detections of one image and category, and how well each covers each. */
export interface MatchInput {
  readonly truth: readonly DetectionObject[]
  /** By falling score. */
  readonly found: readonly DetectionObject[]
  /** Similarities, `found` × `truth`. */
  readonly overlaps: Float64Array
}

/**
 * Gives each detection, best score first, the object that it covers best and that no better one has taken; objects
 * that are ignored only where no other one is covered.
 *
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py | evaluateImg}
 */
export function matchDetections(
  { truth, found, overlaps }: MatchInput,
  threshold: number,
  range: AreaRange,
): Matches {
  const isOut = truth.map(({ isIgnored, area }) => isIgnored || !isWithin(area, range))
  const order = countedFirst(isOut)
  const taken = new Uint8Array(truth.length)
  const truthOf = new Int32Array(found.length).fill(-1)
  const ignored = new Uint8Array(found.length)
  for (const [index, { area, isIgnored: isOutside }] of found.entries()) {
    let best = Math.min(threshold, 1 - 1e-10)
    let match = -1
    for (const at of order) {
      if (taken[at] === 1 && truth[at]?.isCrowd !== true) continue
      // What follows is ignored, and a real object was found.
      if (match >= 0 && isOut[match] !== true && isOut[at] === true) break
      const overlap = overlaps[index * truth.length + at] ?? 0
      if (overlap < best) continue
      best = overlap
      match = at
    }
    truthOf[index] = match
    if (match >= 0) taken[match] = 1
    ignored[index] = Number(
      match >= 0 ? isOut[match] === true : isOutside || !isWithin(area, range),
    )
  }
  return { truthOf, isIgnored: ignored }
}

/** Objects that are ignored come last, each kind in its order. */
function countedFirst(isOut: readonly boolean[]): readonly number[] {
  const order = [...isOut.keys()]
  return isOut.includes(true)
    ? order.toSorted((a, b) => Number(isOut[a]) - Number(isOut[b]))
    : order
}

/** Returns how many objects have to be found. */
export function countWanted(truth: readonly DetectionObject[], range: AreaRange): number {
  let count = 0
  for (const { isIgnored, area } of truth) if (!isIgnored && isWithin(area, range)) count += 1
  return count
}

/** Returns whether an area is in a range; both of its ends are. */
export function isWithin(area: number, { low, high }: AreaRange): boolean {
  return !(area < low || area > high)
}
