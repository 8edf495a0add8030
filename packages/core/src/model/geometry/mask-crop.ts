import type { Mask } from './mask-rle.ts'

/**
 * Returns the pixels of a mask from column `x` and row `y` on, `width` × `height` of them; what lies outside of the
 * mask is background. All four are whole numbers; `x` and `y` may be negative, which moves a mask onto a larger one.
 * Costs a few steps for each column of the result and each run in it.
 */
export function cropMask(mask: Mask, x: number, y: number, width: number, height: number): Mask {
  const rowsOf = columnReader(mask)
  const runs = runWriter()
  for (let column = 0; column < width; column++) {
    let place = 0
    for (const [from, to] of rowsOf(x + column)) {
      const start = Math.min(height, Math.max(0, from - y))
      const end = Math.min(height, Math.max(0, to - y))
      runs.add(start - place, false)
      runs.add(end - start, true)
      place = end
    }
    runs.add(height - place, false)
  }
  return { width, height, counts: runs.counts }
}

/**
 * Returns the mask in another size by nearest neighbour: pixel `(x, y)` of the result is the one of the mask that holds
 * its middle, `(⌊(x + ½) · oldWidth / width⌋, ⌊(y + ½) · oldHeight / height⌋)`.
 */
export function resizeMask(mask: Mask, width: number, height: number): Mask {
  const rowsOf = columnReader(mask)
  const runs = runWriter()
  const firstRow = (row: number): number =>
    Math.min(height, Math.max(0, Math.ceil((row * height) / mask.height - 0.5)))
  for (let column = 0; column < width; column++) {
    let place = 0
    for (const [from, to] of rowsOf(Math.floor(((column + 0.5) * mask.width) / width))) {
      const [start, end] = [firstRow(from), firstRow(to)]
      runs.add(start - place, false)
      runs.add(end - start, true)
      place = end
    }
    runs.add(height - place, false)
  }
  return { width, height, counts: runs.counts }
}

/** Rows of the foreground: from the first, to before the second. */
type Rows = readonly [from: number, to: number]

function columnReader({ width, height, counts }: Mask): (column: number) => readonly Rows[] {
  const ends = new Float64Array(counts.length)
  let sum = 0
  for (const [index, length] of counts.entries()) ends[index] = sum += length
  return (column) => {
    if (!(column >= 0 && column < width)) return []
    const start = column * height
    const rows: Rows[] = []
    for (let index = firstEndAfter(ends, start); index < ends.length; index++) {
      const from = ends[index - 1] ?? 0
      if (from >= start + height) break
      const to = Math.min(ends[index] ?? 0, start + height)
      if (index % 2 === 1 && to > from) rows.push([Math.max(0, from - start), to - start])
    }
    return rows
  }
}

function firstEndAfter(ends: Float64Array, place: number): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ends[middle] ?? 0) > place) high = middle
    else low = middle + 1
  }
  return low
}

function runWriter(): {
  readonly counts: readonly number[]
  readonly add: (length: number, isInside: boolean) => void
} {
  const counts: number[] = [0]
  return {
    counts,
    add: (length, isInside) => {
      if (length <= 0) return
      if (isInside !== (counts.length % 2 === 0)) counts.push(0)
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + length
    },
  }
}
