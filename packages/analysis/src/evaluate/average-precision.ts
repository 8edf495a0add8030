import type { CocoParameters } from './coco-parameters.ts'

/** Keeps precision finite where nothing was found yet, as COCO does. */
const SPACING = 2 ** -52

/** What one ranked list of detections is worth at one threshold. */
export interface Curve {
  /** Precision at each recall threshold: the best one at that recall or beyond. */
  readonly precision: Float64Array
  /** The share of objects that were found in the end. */
  readonly recall: number
}

/** A detection of the ranked list: whether it found an object, and whether it does not count. */
export interface RankedDetections {
  readonly length: number
  isMatched(rank: number): boolean
  isIgnored(rank: number): boolean
}

/**
 * Returns precision over recall of a list by falling score.
 *
 * @param wanted - How many objects there are to find; at least 1
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py | accumulate}
 */
export function precisionCurve(
  list: RankedDetections,
  wanted: number,
  { recallThresholds }: CocoParameters,
): Curve {
  const recalls = new Float64Array(list.length)
  const precisions = new Float64Array(list.length)
  let [right, wrong] = [0, 0]
  for (let rank = 0; rank < list.length; rank++) {
    if (!list.isIgnored(rank)) {
      if (list.isMatched(rank)) right += 1
      else wrong += 1
    }
    recalls[rank] = right / wanted
    precisions[rank] = right / (wrong + right + SPACING)
  }
  for (let rank = list.length - 1; rank > 0; rank--)
    precisions[rank - 1] = Math.max(precisions[rank - 1] ?? 0, precisions[rank] ?? 0)
  return { precision: sampled(recalls, precisions, recallThresholds), recall: recalls.at(-1) ?? 0 }
}

function sampled(
  recalls: Float64Array,
  precisions: Float64Array,
  thresholds: readonly number[],
): Float64Array {
  const precision = new Float64Array(thresholds.length)
  let rank = 0
  for (const [index, threshold] of thresholds.entries()) {
    while (rank < recalls.length && (recalls[rank] ?? 0) < threshold) rank += 1
    precision[index] = precisions[rank] ?? 0
  }
  return precision
}
