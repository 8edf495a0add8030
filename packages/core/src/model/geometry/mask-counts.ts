/** Runs of a mask: background first, then foreground, in turn, down the columns. */
export type Counts = readonly number[]

/** The most pixels of a mask that is ever made into a bitmap. */
export const MAX_BITMAP_PIXELS: number = 2 ** 28

/**
 * Returns the runs in COCO's compressed string, or undefined when it is not one (a letter outside of
 * `0`…`o`, a negative run, the last number cut off).
 *
 * Six-bit characters from `0`: five bits of data, least first, 0x20 when more follow, 0x10 of the last
 * is the sign; from the fourth number on each is the difference to the one two before.
 *
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c | rleFrString}
 */
export function parseCounts(text: string): Counts | undefined {
  const counts: number[] = []
  let place = 0
  while (place < text.length) {
    let value = 0
    let scale = 1
    let more = true
    while (more) {
      const bits = text.charCodeAt(place++) - 48
      if (!(bits >= 0 && bits < 64) || scale > 2 ** 45) return undefined
      value += (bits & 0x1f) * scale
      scale *= 32
      more = (bits & 0x20) !== 0
      if (!more && (bits & 0x10) !== 0) value -= scale
    }
    if (counts.length > 2) value += counts.at(-2) ?? 0
    if (value < 0) return undefined
    counts.push(value)
  }
  return counts
}

/** Returns COCO's compressed string of runs: the reverse of {@link parseCounts}. */
export function formatCounts(counts: Counts): string {
  let text = ''
  for (let index = 0; index < counts.length; index++) {
    let value = counts[index] ?? 0
    if (index > 2) value -= counts[index - 2] ?? 0
    let more = true
    while (more) {
      const rest = Math.floor(value / 32)
      const bits = value - rest * 32
      more = (bits & 0x10) === 0 ? rest !== 0 : rest !== -1
      text += String.fromCharCode(bits + (more ? 0x20 : 0) + 48)
      value = rest
    }
  }
  return text
}

/** Returns the runs of a bitmap with one byte a pixel, column after column; 0 is background. */
export function bitmapToCounts(bitmap: Uint8Array): Counts {
  const counts: number[] = []
  let inside = false
  let start = 0
  for (let index = 0; index < bitmap.length; index++) {
    if ((bitmap[index] !== 0) === inside) continue
    counts.push(index - start)
    start = index
    inside = !inside
  }
  counts.push(bitmap.length - start)
  return counts
}

/**
 * Returns the bitmap of runs: one byte a pixel, 0 or 1, column after column: pixel `(x, y)` is at
 * `x * height + y`. Runs that are too long are cut, missing ones are background.
 *
 * @throws RangeError above {@link MAX_BITMAP_PIXELS}
 */
export function countsToBitmap(counts: Counts, pixels: number): Uint8Array {
  if (!(pixels <= MAX_BITMAP_PIXELS)) throw new RangeError(`A mask of ${pixels} pixels is too big`)
  const bitmap = new Uint8Array(pixels)
  let place = 0
  for (let index = 0; index < counts.length && place < pixels; index++) {
    const end = place + (counts[index] ?? 0)
    if (index % 2 === 1) bitmap.fill(1, place, Math.min(end, pixels))
    place = end
  }
  return bitmap
}
