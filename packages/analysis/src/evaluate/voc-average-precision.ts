/** Average precision by both rules of the PASCAL VOC challenge. */
export interface VocPrecision {
  /** The area below the curve, made monotone: from 2010 on. */
  readonly area: number
  /** The mean of the best precision at recalls 0, 0.1, … 1: until 2009. */
  readonly elevenPoint: number
}

/**
 * Returns the average precision of a ranked list.
 *
 * @param isRight - By falling score
 * @param wanted - How many objects there are to find; at least 1
 * @see {@link http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html | VOC development kit, VOCap.m and VOCevaldet.m}
 */
export function vocAveragePrecision(isRight: readonly boolean[], wanted: number): VocPrecision {
  const recalls: number[] = []
  const precisions: number[] = []
  let right = 0
  for (const [rank, each] of isRight.entries()) {
    if (each) right += 1
    recalls.push(right / wanted)
    precisions.push(right / (rank + 1))
  }
  return {
    area: areaBelow(recalls, precisions),
    elevenPoint: elevenPoints(recalls, precisions),
  }
}

function areaBelow(recalls: readonly number[], precisions: readonly number[]): number {
  let area = 0
  let best = 0
  for (let rank = recalls.length - 1; rank >= 0; rank--) {
    best = Math.max(best, precisions[rank] ?? 0)
    area += ((recalls[rank] ?? 0) - (recalls[rank - 1] ?? 0)) * best
  }
  return area
}

function elevenPoints(recalls: readonly number[], precisions: readonly number[]): number {
  let sum = 0
  for (let step = 0; step <= 10; step++) {
    const recall = step / 10
    let best = 0
    for (const [rank, each] of recalls.entries())
      if (each >= recall) best = Math.max(best, precisions[rank] ?? 0)
    sum += best / 11
  }
  return sum
}
