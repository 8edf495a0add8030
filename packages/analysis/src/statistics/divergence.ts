/**
 * Returns how much two distributions differ: the Jensen–Shannon divergence in bits, 0 of equal ones, 1 of such that have
 * nothing in common; null where one of them counts nothing.
 */
export function divergence(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): number | null {
  const [totalA, totalB] = [total(a), total(b)]
  if (totalA === 0 || totalB === 0) return null
  let sum = 0
  // In one order, so that both sides give the same to the last digit.
  for (const name of [...new Set([...a.keys(), ...b.keys()])].toSorted()) {
    const [p, q] = [(a.get(name) ?? 0) / totalA, (b.get(name) ?? 0) / totalB]
    const middle = (p + q) / 2
    sum += (term(p, middle) + term(q, middle)) / 2
  }
  return Math.min(1, Math.max(0, sum))
}

function term(share: number, middle: number): number {
  return share === 0 ? 0 : share * Math.log2(share / middle)
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}
