import type { Json } from '@dsv/core'
import type { FileValues, ValueChange } from '@dsv/pipeline'

/** How values are written. */
export interface ValueStyle {
  /** How many digits of a number count. */
  readonly precision: number
}

/** Returns rows with a head: each value of each side, one column for a side. */
export function valueRows(
  sides: readonly { readonly name: string; readonly values: FileValues }[],
  style: ValueStyle,
): readonly (readonly string[])[] {
  const files = [...new Set(sides.flatMap(({ values }) => [...values.keys()]))]
  const rows = files.flatMap((file) => {
    const keys = new Set(sides.flatMap(({ values }) => [...(values.get(file)?.keys() ?? [])]))
    return [...keys].map((key) => [
      file,
      key,
      ...sides.map(({ values }) => valueText(values.get(file)?.get(key), style)),
    ])
  })
  return [['file', 'key', ...sides.map(({ name }) => name)], ...rows]
}

/** Returns rows with a head: what each change was, is, and by how much it grew. */
export function changeRows(
  changes: readonly ValueChange[],
  [from, to]: readonly [from: string, to: string],
  style: ValueStyle,
): readonly (readonly string[])[] {
  const rows = changes.map(({ file, key, before, after, difference }) => [
    file,
    key,
    valueText(before, style),
    valueText(after, style),
    difference === undefined ? '' : `${difference > 0 ? '+' : ''}${valueText(difference, style)}`,
  ])
  const hasNumbers = changes.some(({ difference }) => difference !== undefined)
  const table = [['file', 'key', from, to, 'change'], ...rows]
  return hasNumbers ? table : table.map((row) => row.slice(0, -1))
}

/** Returns rows as a table in Markdown. */
export function markdownLines([head, ...rows]: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(' | ')} |`
  if (head === undefined) return []
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

const MAX_LENGTH = 80

function valueText(value: Json | undefined, { precision }: ValueStyle): string {
  if (value === undefined) return '-'
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(precision)))
  const isPlain = typeof value === 'string' && value !== '' && !/[\n\r\t]/u.test(value)
  const text = isPlain ? value : JSON.stringify(value)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text
}

/** Escapes what Markdown would read as more than text. */
function markdownCell(text: string): string {
  return text.replaceAll(/[\\|`*_<>[\]]/gu, String.raw`\$&`)
}
