/** No number of 32 bits needs more digits; products of one with a size need a few more. */
const MAX_DIGITS = 12

/**
 * Returns the pixels that a normalised number of 32 bits stands for: the shortest decimal that is stored
 * as that number again. (0.3 × 640 is 192, not 192.00000762939453.)
 *
 * @param start - Added to the pixels before they are stored: a width is stored as a right edge
 */
export function pixelsOf(stored: number, size: number, start = 0): number {
  return shortest(stored * size - start, (pixels) => normalised(pixels, size, start) === stored)
}

/** Returns the number of 32 bits that stands for pixels. */
export function normalised(pixels: number, size: number, start = 0): number {
  return Math.fround((start + pixels) / size)
}

/** Returns the shortest decimal that 32 bits store as `stored`. */
export function decimalOf(stored: number): number {
  return shortest(stored, (decimal) => Math.fround(decimal) === stored)
}

function shortest(guess: number, isSame: (candidate: number) => boolean): number {
  if (!Number.isFinite(guess)) return guess
  for (let digits = 1; digits <= MAX_DIGITS; digits++) {
    const candidate = Number(guess.toPrecision(digits))
    if (isSame(candidate)) return candidate
  }
  return guess
}
