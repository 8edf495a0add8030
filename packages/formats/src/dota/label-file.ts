import type { Attributes, AttributeValue } from '@dsv/core'
import { parseNumber } from '../shared/parse-number.ts'

/** One line of a file that is an object, or should be. */
export interface DotaRow {
  /** Where it stands, from 1. */
  readonly line: number
  /** Eight numbers, or fewer where something is wrong. */
  readonly corners: readonly number[]
  /** Empty where there is none. */
  readonly className: string
  readonly difficulty: number | undefined
}

/** What the file of an image says. */
export interface LabelFile {
  /** `imagesource` and `gsd` (metres for a pixel), as text. */
  readonly header: ReadonlyMap<string, string>
  readonly rows: readonly DotaRow[]
}

const HEADER = /^(imagesource|gsd)\s*:\s*(.*)$/iu
const CORNERS = 8

/** Splits a file into its header and rows; empty lines are none. */
export function parseLabelFile(text: string): LabelFile {
  const header = new Map<string, string>()
  const rows: DotaRow[] = []
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const match = rows.length === 0 ? HEADER.exec(line) : null
    if (match !== null) header.set((match[1] ?? '').toLowerCase(), match[2] ?? '')
    else if (line !== '') rows.push(rowOf(line, at + 1))
  }
  return { header, rows }
}

function rowOf(text: string, line: number): DotaRow {
  const fields = text.split(/\s+/u)
  const corners: number[] = []
  for (const field of fields.slice(0, CORNERS)) {
    const number = parseNumber(field)
    if (number === undefined) break
    corners.push(number)
  }
  const rest = fields.slice(CORNERS)
  const last = rest.length > 1 ? parseNumber(rest.at(-1) ?? '') : undefined
  const className = (last === undefined ? rest : rest.slice(0, -1)).join(' ')
  return { line, corners, className, difficulty: last }
}

/** Returns the attributes of an item for the header of its file. */
export function headerAttributes(header: LabelFile['header']): Attributes {
  return Object.fromEntries([...header].map(([name, text]) => [name, headerValue(text)]))
}

/** Returns the lines of a header for the attributes of an item. */
export function headerLines(attributes: Attributes): string {
  return ['imagesource', 'gsd']
    .flatMap((name) => {
      const value = attributes[name]
      return value !== undefined && isHeaderValue(name, value) ? [`${name}:${String(value)}\n`] : []
    })
    .join('')
}

/** Whether an attribute of an item comes back from a header as it is. */
export function isHeaderValue(name: string, value: AttributeValue): boolean {
  if (name !== 'imagesource' && name !== 'gsd') return false
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'string' && !/[\r\n]/u.test(value) && headerValue(value.trim()) === value
}

/** A number only where it has the usual form: others stay text. */
function headerValue(text: string): string | number {
  const number = parseNumber(text)
  return number !== undefined && String(number) === text ? number : text
}
