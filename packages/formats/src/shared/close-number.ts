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
  const step = Math.max(Math.abs(guess), Number.MIN_VALUE) * Number.EPSILON
  for (const steps of [0.5, -0.5, 1, -1, 2, -2]) {
    const candidate = guess + steps * step
    if (back(candidate) === wanted) return candidate
  }
  return guess
}
