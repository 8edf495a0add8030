import { stripVTControlCharacters } from 'node:util'

/** Returns rows as lines with aligned columns: the first to the left, numbers to the right. */
export function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  return alignedLines(rows, (cell, gap, column) => (column === 0 ? cell + gap : gap + cell))
}

/** Returns rows as lines whose columns all begin at the same place. */
export function listLines(rows: readonly (readonly string[])[]): readonly string[] {
  return alignedLines(rows, (cell, gap) => cell + gap)
}

function alignedLines(
  rows: readonly (readonly string[])[],
  align: (cell: string, gap: string, column: number) => string,
): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  return rows.map((row) =>
    row
      .map((cell, column) => align(cell, ' '.repeat((widths[column] ?? 0) - widthOf(cell)), column))
      .join('  ')
      .trimEnd(),
  )
}

/** Colours take no room. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
