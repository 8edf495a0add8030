/**
 * Returns whole numbers in proportion to `shares` that add up to `total`: each is the exact number rounded down or up, the
 * largest fractions up (Hamilton's method). Equal fractions go by `favour`, the larger first, then by order. Shares below 0
 * count as 0; when all do, they are equal.
 */
export function apportion(
  total: number,
  shares: readonly number[],
  favour: readonly number[] = [],
): readonly number[] {
  const positive = shares.map((share) => Math.max(0, share))
  const sum = positive.reduce((all, share) => all + share, 0)
  const exact = positive.map((share) => (sum > 0 ? (total * share) / sum : total / positive.length))
  // A share that is whole but for rounding must not lose one to it.
  const whole = exact.map((number) => Math.floor(number + 1e-9))
  const fractions = exact.map((number, index) => number - (whole[index] ?? 0))
  let left = total - whole.reduce((all, number) => all + number, 0)
  const order = [...whole.keys()].toSorted((a, b) => {
    const difference = (fractions[b] ?? 0) - (fractions[a] ?? 0)
    return Math.abs(difference) > 1e-9 ? difference : (favour[b] ?? 0) - (favour[a] ?? 0) || a - b
  })
  for (const index of order) {
    if (left <= 0) break
    whole[index] = (whole[index] ?? 0) + 1
    left--
  }
  return whole
}
