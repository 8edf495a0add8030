/** Rows by group: those of group `g` are `rows[starts[g]]` up to `rows[starts[g + 1]]`, in order. */
export interface GroupedRows {
  readonly starts: Int32Array
  readonly rows: Int32Array
}

/** Sorts rows by group, keeping their order; rows of group -1 are left out. */
export function groupRows(groups: Int32Array, count: number): GroupedRows {
  const starts = new Int32Array(count + 1)
  for (const group of groups) if (group >= 0) starts[group + 1] = (starts[group + 1] ?? 0) + 1
  for (let group = 0; group < count; group += 1) {
    starts[group + 1] = (starts[group + 1] ?? 0) + (starts[group] ?? 0)
  }
  const next = starts.slice()
  const rows = new Int32Array(starts[count] ?? 0)
  for (const [row, group] of groups.entries()) {
    if (group < 0) continue
    const place = next[group] ?? 0
    rows[place] = row
    next[group] = place + 1
  }
  return { starts, rows }
}
