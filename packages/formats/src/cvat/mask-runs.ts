import { type Counts, type Mask, maskBounds } from '@dsv/core'

/** A mask as CVAT writes it: runs along the rows of a box in the image, background first. */
export interface BoxedRuns {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly runs: Counts
}

/** The most pixels of a box that is looked at. */
const MAX_BOX_PIXELS = 2 ** 27

/**
 * Returns the mask of the whole image, its runs down the columns as COCO has them. Pixels of the box
 * beyond the image are left out.
 *
 * @returns undefined when the box is too large or its runs are longer than it is
 */
export function boxedRunsToMask(boxed: BoxedRuns, width: number, height: number): Mask | undefined {
  const pixels = boxed.width * boxed.height
  if (pixels > MAX_BOX_PIXELS || boxed.width < 0 || boxed.height < 0) return undefined
  const columns = columnsOf(boxed)
  if (columns === undefined) return undefined
  const counts: number[] = []
  let last = 0
  let isInside = false
  const turnAt = (place: number): void => {
    counts.push(place - last)
    last = place
    isInside = !isInside
  }
  const [firstX, endX] = [Math.max(0, boxed.left), Math.min(width, boxed.left + boxed.width)]
  const [firstY, endY] = [Math.max(0, boxed.top), Math.min(height, boxed.top + boxed.height)]
  if (firstY < endY) {
    for (let x = firstX; x < endX; x += 1) {
      const column = (x - boxed.left) * boxed.height - boxed.top
      for (let y = firstY; y < endY; y += 1) {
        if ((columns[column + y] === 1) !== isInside) turnAt(x * height + y)
      }
      // What follows below the box and after it is background.
      if (isInside && endY < height) turnAt(x * height + endY)
      else if (isInside && (firstY > 0 || x === endX - 1)) turnAt((x + 1) * height)
    }
  }
  if (last < width * height || counts.length === 0) counts.push(width * height - last)
  return { width, height, counts }
}

/** Returns the runs of a mask within the box around its foreground; one pixel of nothing when empty. */
export function maskToBoxedRuns(mask: Mask): BoxedRuns | undefined {
  const [left, top, width, height] = maskBounds(mask)
  if (width === 0 || height === 0) return { left: 0, top: 0, width: 1, height: 1, runs: [1] }
  if (width * height > MAX_BOX_PIXELS) return undefined
  const rows = new Uint8Array(width * height)
  let place = 0
  for (const [index, length] of mask.counts.entries()) {
    const end = place + length
    for (let at = index % 2 === 1 ? place : end; at < end; at += 1) {
      const x = Math.floor(at / mask.height)
      rows[(at - x * mask.height - top) * width + x - left] = 1
    }
    place = end
  }
  const runs: number[] = []
  let start = 0
  for (let at = 0; at < rows.length; at += 1) {
    if ((rows[at] === 1) === (runs.length % 2 === 1)) continue
    runs.push(at - start)
    start = at
  }
  runs.push(rows.length - start)
  return { left, top, width, height, runs }
}

/** The bitmap of the box, column after column. */
function columnsOf({ width, height, runs }: BoxedRuns): Uint8Array | undefined {
  const columns = new Uint8Array(width * height)
  let place = 0
  for (const [index, length] of runs.entries()) {
    const end = place + length
    if (end > columns.length) return undefined
    for (let at = index % 2 === 1 ? place : end; at < end; at += 1) {
      const y = Math.floor(at / width)
      columns[(at - y * width) * height + y] = 1
    }
    place = end
  }
  return columns
}
