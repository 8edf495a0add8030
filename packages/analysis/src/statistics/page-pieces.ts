import { htmlTable, type TableCell } from '../html/html-table.ts'
import type { Markup } from '../html/markup.ts'
import { paragraph } from '../html/page.ts'

/** What stands above the figures. */
export interface StatisticsTitle {
  readonly title: string
  readonly about?: string
}

/** A page of a hundred rows is still read; the rest is in the JSON. */
export const MAX_ROWS = 100
/** Bars of a chart. */
export const MAX_BARS = 30

/** Returns a table of the first hundred rows, nothing where there are none. */
export function table(
  head: readonly string[],
  rows: readonly (readonly TableCell[])[],
  title?: string,
): readonly Markup[] {
  if (rows.length === 0) return []
  const shown = rows.slice(0, MAX_ROWS)
  return [
    htmlTable({ head, rows: shown, ...(title !== undefined && { title }) }),
    ...more(rows.length, MAX_ROWS),
  ]
}

/** Returns a sentence on what is left out, where something is. */
export function more(count: number, shown: number): readonly Markup[] {
  return count > shown ? [paragraph(`… and ${count - shown} more.`)] : []
}
