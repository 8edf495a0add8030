import { parseNumber } from '../shared/parse-number.ts'
import { onOneLine, quoteText, unquoteText } from '../shared/quoted-text.ts'

/** One row: left, top, right and bottom of a box or four corners, and what is written there. */
export interface TextRow {
  /** 4 or 8. */
  readonly numbers: readonly number[]
  /** Empty where nothing is said. */
  readonly text: string
}

/** How the rows of a dataset are written. */
export interface RowStyle {
  /** Whether texts are in quotes: they are in 2013, and not in 2015. */
  readonly isQuoted: boolean
  /** What stands between the numbers. */
  readonly separator: ' ' | ',' | ', ' | undefined
}

const FIELD = /^\s*([^\s,"]+)(?:\s*,\s*|\s+|$)/u

/** Reads a row with commas or spaces between its numbers; undefined when it has less than four. */
export function parseTextRow(line: string): TextRow | undefined {
  const numbers: number[] = []
  const rests: string[] = [line.trim()]
  for (let rest = line.trim(); numbers.length < 8;) {
    const match = FIELD.exec(rest)
    const number = parseNumber(match?.[1] ?? '')
    if (match === null || number === undefined) break
    numbers.push(number)
    rest = rest.slice(match[0].length)
    rests.push(rest)
  }
  const count = numbers.length === 8 ? 8 : 4
  if (numbers.length < count) return undefined
  return { numbers: numbers.slice(0, count), text: unquoteText(rests[count] ?? '') }
}

/** Returns how a row is written; undefined where it cannot tell. */
export function styleOf(line: string): RowStyle | undefined {
  const row = parseTextRow(line)
  if (row === undefined || row.text === '') return undefined
  const separator = /^\s*[^\s,]+(,\s|,|\s)/u.exec(line)?.[1]
  return {
    isQuoted: line.trim().endsWith('"'),
    separator: separator === ', ' || separator === ',' ? separator : ' ',
  }
}

/** Returns the text of a row, with its newline. Without a style, boxes have spaces and quads commas. */
export function textRow({ numbers, text }: TextRow, style: RowStyle | undefined): string {
  const separator = style?.separator ?? (numbers.length === 4 ? ' ' : ',')
  const line = numbers.join(separator)
  if (text === '') return `${line}\n`
  const plain = onOneLine(text)
  const bare = `${line}${separator}${plain}`
  const isBare = style?.isQuoted === false && isSame(parseTextRow(bare), numbers, plain)
  return isBare ? `${bare}\n` : `${line}${separator}${quoteText(plain)}\n`
}

function isSame(row: TextRow | undefined, numbers: readonly number[], text: string): boolean {
  return row?.text === text && row.numbers.length === numbers.length
}
