import { escapeText, type Markup } from './markup.ts'
import { figureText } from './number-text.ts'

/** A cell: text, a number, or a number that says by how much something grew. */
export type TableCell = string | number | { readonly change: number }

/** Rows under their heads. */
export interface HtmlTable {
  readonly title?: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly TableCell[])[]
}

/** Returns a table: numbers to the right, changes with their sign and in colour. */
export function htmlTable({ title, head, rows }: HtmlTable): Markup {
  const caption = title === undefined ? '' : `<caption>${escapeText(title)}</caption>`
  const heads = head.map((name) => `<th scope="col">${escapeText(name)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('\n')
  return {
    html: `<table>${caption}<thead><tr>${heads}</tr></thead>\n<tbody>${body}</tbody></table>\n`,
  }
}

function cellHtml(cell: TableCell): string {
  if (typeof cell === 'string') return `<td class="text">${escapeText(cell)}</td>`
  if (typeof cell === 'number') return `<td>${figureText(cell)}</td>`
  const { change } = cell
  const sign = change > 0 ? '+' : ''
  const name = change > 0 ? ' class="more"' : change < 0 ? ' class="less"' : ''
  return `<td${name}>${sign}${figureText(change)}</td>`
}
