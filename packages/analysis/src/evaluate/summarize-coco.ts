import type { CategoryTally } from './category-tally.ts'
import type { AreaRange, CocoParameters } from './coco-parameters.ts'
import { mean } from './mean.ts'

/** One figure of the summary. */
export interface CocoFigure {
  /** As in the field: `AP`, `AP50`, `APs`, `AR10`. */
  readonly name: string
  readonly kind: 'precision' | 'recall'
  /** The overlap; undefined for the mean over all. */
  readonly iou: number | undefined
  readonly area: AreaRange['name']
  readonly maxDetections: number
  /** −1 where there is nothing to find. */
  readonly value: number
}

/** COCO's figures in the order of its table: twelve, or ten for keypoints. */
export type CocoSummary = readonly CocoFigure[]

/**
 * Returns the means over categories, overlaps and recalls.
 *
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py | summarize}
 */
export function summarizeCoco(
  tallies: readonly CategoryTally[],
  parameters: CocoParameters,
): CocoSummary {
  const { areaRanges, iouThresholds, maxDetections } = parameters
  const all = { iou: undefined, area: 'all', limit: maxDetections.length - 1 } as const
  const parts = areaRanges.slice(1).map(({ name }) => name)
  const isPoints = maxDetections.length === 1
  const places = [
    ...[undefined, 0.5, 0.75].map((iou) => ({ ...all, kind: 'precision', iou }) as const),
    ...parts.map((area) => ({ ...all, kind: 'precision', area }) as const),
    ...(isPoints
      ? [undefined, 0.5, 0.75].map((iou) => ({ ...all, kind: 'recall', iou }) as const)
      : maxDetections.map((_, limit) => ({ ...all, kind: 'recall', limit }) as const)),
    ...parts.map((area) => ({ ...all, kind: 'recall', area }) as const),
  ]
  return places.map(({ kind, iou, area, limit }): CocoFigure => {
    const range = areaRanges.findIndex(({ name }) => name === area)
    const thresholds = [...iouThresholds.keys()].filter(
      (index) => iou === undefined || Math.abs((iouThresholds[index] ?? 0) - iou) < 1e-9,
    )
    const values = tallies.flatMap((tally) =>
      thresholds.flatMap((threshold) => {
        const figures = tally.figures({ threshold, range, limit })
        if (figures === undefined) return []
        return [kind === 'recall' ? figures.recall : figures.averagePrecision]
      }),
    )
    const most = maxDetections[limit] ?? 0
    return {
      name: nameOf(kind, iou, area, isPoints ? undefined : most),
      kind,
      iou,
      area,
      maxDetections: most,
      value: values.length === 0 ? -1 : mean(values),
    }
  })
}

function nameOf(
  kind: CocoFigure['kind'],
  iou: number | undefined,
  area: AreaRange['name'],
  most: number | undefined,
): string {
  const base = kind === 'precision' ? 'AP' : 'AR'
  if (iou !== undefined) return `${base}${Math.round(iou * 100)}`
  if (area !== 'all') return `${base}${area.slice(0, 1)}`
  return kind === 'recall' && most !== undefined ? `${base}${most}` : base
}
