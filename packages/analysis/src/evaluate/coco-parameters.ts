/** What is compared: boxes, masks or keypoints. */
export type CocoTask = 'box' | 'mask' | 'points'

/** A range of areas of objects, in square pixels; both ends belong to it. */
export interface AreaRange {
  readonly name: 'all' | 'small' | 'medium' | 'large'
  readonly low: number
  readonly high: number
}

/** Objects of any size. */
export const ALL_AREAS: AreaRange = { name: 'all', low: 0, high: 1e10 }

/** What COCO's evaluation varies over. */
export interface CocoParameters {
  /** Overlaps from which on a detection finds an object, ascending. */
  readonly iouThresholds: readonly number[]
  /** Recalls at which precision is read. */
  readonly recallThresholds: readonly number[]
  /** How many detections of an image and category count, ascending. */
  readonly maxDetections: readonly number[]
  readonly areaRanges: readonly AreaRange[]
}

/**
 * Returns the parameters of the COCO challenge, rounded as `numpy.linspace` rounds them: thresholds are multiples of
 * a step, so that the recall after 0.34 is 0.35000000000000003.
 *
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py | Params}
 */
export function cocoParameters(task: CocoTask): CocoParameters {
  const small: AreaRange = { name: 'small', low: 0, high: 32 ** 2 }
  const medium: AreaRange = { name: 'medium', low: 32 ** 2, high: 96 ** 2 }
  const large: AreaRange = { name: 'large', low: 96 ** 2, high: 1e10 }
  return {
    iouThresholds: evenlySpaced(0.5, 0.95, 10),
    recallThresholds: evenlySpaced(0, 1, 101),
    maxDetections: task === 'points' ? [20] : [1, 10, 100],
    areaRanges: task === 'points' ? [ALL_AREAS, medium, large] : [ALL_AREAS, small, medium, large],
  }
}

function evenlySpaced(first: number, last: number, count: number): readonly number[] {
  const step = (last - first) / (count - 1)
  return Array.from({ length: count }, (_, index) =>
    index === count - 1 ? last : index * step + first,
  )
}
