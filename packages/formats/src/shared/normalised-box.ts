import type { BoxNumbers } from '@dsv/core'

/** The edges of a box as parts of the width and height of its image, 0…1. */
export interface NormalisedBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The size of an image in pixels, not 0. */
export interface BoxSize {
  readonly width: number
  readonly height: number
}

/** How a file rounds what it stores: not at all, or `Math.fround` for numbers of 32 bits. */
export type Rounding = (value: number) => number

const EXACT: Rounding = (value) => value
const MAX_DIGITS = 17

/** Returns the edges that are stored for a box in pixels. */
export function normaliseBox(
  [x, y, width, height]: BoxNumbers,
  size: BoxSize,
  round: Rounding = EXACT,
): NormalisedBox {
  return {
    left: round(x / size.width),
    top: round(y / size.height),
    right: round((x + width) / size.width),
    bottom: round((y + height) / size.height),
  }
}

/**
 * Returns the box in pixels that was stored: the numbers of fewest digits that are stored as these edges
 * again. (0.3 of 640 in 32 bits is 192, not 192.00000762939453.) So what a box had before it was written
 * is what is read.
 */
export function boxInPixels(
  { left, top, right, bottom }: NormalisedBox,
  { width, height }: BoxSize,
  round: Rounding = EXACT,
): BoxNumbers {
  const x = shortest(left * width, (pixels) => round(pixels / width) === left)
  const y = shortest(top * height, (pixels) => round(pixels / height) === top)
  const across = shortest(right * width - x, (pixels) => round((x + pixels) / width) === right)
  const down = shortest(bottom * height - y, (pixels) => round((y + pixels) / height) === bottom)
  return [x, y, across, down]
}

/** Returns the fields of a box that are read as other numbers than were written. */
export function roundedFields(
  box: BoxNumbers,
  size: BoxSize,
  round: Rounding = EXACT,
): readonly string[] {
  const again = boxInPixels(normaliseBox(box, size, round), size, round)
  return ['x', 'y', 'width', 'height'].filter((_, at) => again[at] !== box[at])
}

/** Returns the number of fewest digits that is stored as this part of a width or height. */
export function partInPixels(part: number, size: number): number {
  return shortest(part * size, (pixels) => pixels / size === part)
}

/** Returns the number of fewest digits that is rounded to `stored`. */
export function decimalOf(stored: number, round: Rounding): number {
  return shortest(stored, (decimal) => round(decimal) === stored)
}

function shortest(guess: number, isSame: (candidate: number) => boolean): number {
  if (!Number.isFinite(guess)) return guess
  for (let digits = 1; digits <= MAX_DIGITS; digits++) {
    const candidate = Number(guess.toPrecision(digits))
    if (isSame(candidate)) return candidate
  }
  return guess
}
