/**
 * Returns a number near `guess` that `back` turns into `wanted` exactly, with as few digits as that
 * takes; `guess` itself where there is none.
 *
 * Used where a file holds another number than we do (a corner and not a width, degrees and not
 * radians), so that reading what was written gives the same number.
 */
export function closeNumber(
  guess: number,
  wanted: number,
  back: (value: number) => number,
): number {
  for (const digits of [15, 16, 17]) {
    const candidate = Number(guess.toPrecision(digits))
    if (back(candidate) === wanted) return candidate
  }
  const step = (Math.max(Math.abs(guess), Number.MIN_VALUE) * Number.EPSILON) / 2
  for (let steps = 1; steps <= MAX_STEPS; steps += 1) {
    for (const candidate of [guess + steps * step, guess - steps * step]) {
      if (back(candidate) === wanted) return candidate
    }
  }
  return guess
}

/** Further away than the rounding of a few operations can lead nothing is looked for. */
const MAX_STEPS = 16
