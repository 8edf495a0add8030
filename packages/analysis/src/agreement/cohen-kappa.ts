/** How often two people said what of the same things: `table.get(a).get(b)`. */
export type AgreementTable = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * Returns Cohen's kappa: 1 for agreement, 0 for what chance gives, less for worse; null without anything to compare,
 * or when both always say one and the same.
 *
 * @see {@link https://doi.org/10.1177/001316446002000104 | Cohen, A Coefficient of Agreement for Nominal Scales, 1960}
 */
export function cohenKappa(table: AgreementTable): number | null {
  let all = 0
  let equal = 0
  const columns = new Map<string, number>()
  const rows = new Map<string, number>()
  for (const [a, row] of table)
    for (const [b, count] of row) {
      all += count
      if (a === b) equal += count
      rows.set(a, (rows.get(a) ?? 0) + count)
      columns.set(b, (columns.get(b) ?? 0) + count)
    }
  let byChance = 0
  for (const [value, count] of rows) byChance += count * (columns.get(value) ?? 0)
  if (all === 0 || byChance === all * all) return null
  const expected = byChance / (all * all)
  return (equal / all - expected) / (1 - expected)
}
