import { fileUnreadable } from '../errors.ts'

/** A word of Python. */
export interface PythonToken {
  /** `other` is what cannot stand in a literal: an f-string, bytes. */
  readonly type: 'name' | 'number' | 'text' | 'operator' | 'other'
  /** As it is written; what a text means. */
  readonly text: string
}

/** A line as Python sees it: one that goes on in brackets or after a backslash is one line. */
export interface PythonLine {
  readonly number: number
  /** Columns before its first word. */
  readonly indent: number
  readonly tokens: readonly PythonToken[]
}

const SPACE = /[ \t\f]*/y
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
const NUMBER =
  /(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)[jJ]?/y
const STRING_START = /([rRbBuUfFtT]{0,2})('''|"""|'|")/y
const OPERATOR = /\*\*=|\/\/=|>>=|<<=|\.\.\.|:=|->|[-+*/%@&|^=!<>]=|\*\*|\/\/|<<|>>|[^\s]/uy
const LINE_END = /\r\n|\n|\r/y

/**
 * Returns the lines of a Python text that are not empty.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE` with the line where a text or a bracket does not end
 */
export function readLines(text: string, file: string): readonly PythonLine[] {
  const lines: PythonLine[] = []
  const reader = { text, file, at: 0, line: 1 }
  while (reader.at < text.length) {
    const indent = columnsOf(take(reader, SPACE))
    const number = reader.line
    const tokens = readTokens(reader)
    if (tokens.length > 0) lines.push({ number, indent, tokens })
  }
  return lines
}

interface Reader {
  readonly text: string
  readonly file: string
  at: number
  line: number
}

/** Reads to the end of the line that Python sees. */
function readTokens(reader: Reader): PythonToken[] {
  const tokens: PythonToken[] = []
  const open: string[] = []
  const start = reader.line
  while (reader.at < reader.text.length) {
    take(reader, SPACE)
    if (reader.text[reader.at] === '#') skipComment(reader)
    if (take(reader, LINE_END) !== '') {
      reader.line += 1
      if (open.length === 0) return tokens
      continue
    }
    if (reader.text[reader.at] === '\\') {
      reader.at += 1
      if (take(reader, LINE_END) === '' && reader.at < reader.text.length)
        throw fileUnreadable(reader.file, 'has a stray backslash', reader.line)
      reader.line += 1
      continue
    }
    if (reader.at >= reader.text.length) break
    const token = readToken(reader)
    if (token.type === 'operator') matchBracket(token.text, open, reader)
    tokens.push(token)
  }
  if (open.length > 0) throw fileUnreadable(reader.file, 'has a bracket that does not end', start)
  return tokens
}

const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

function matchBracket(text: string, open: string[], { file, line }: Reader): void {
  if (text === '(' || text === '[' || text === '{') open.push(text)
  const opening = Object.hasOwn(CLOSING, text) ? CLOSING[text] : undefined
  if (opening !== undefined && open.pop() !== opening)
    throw fileUnreadable(file, `has a ${text} without its ${opening}`, line)
}

function readToken(reader: Reader): PythonToken {
  STRING_START.lastIndex = reader.at
  const opening = STRING_START.exec(reader.text)
  if (opening !== null) return readString(reader, opening[1] ?? '', opening[2] ?? '')
  const number = take(reader, NUMBER)
  if (number !== '') return { type: /j$/i.test(number) ? 'other' : 'number', text: number }
  const name = take(reader, NAME)
  if (name !== '') return { type: 'name', text: name }
  return { type: 'operator', text: take(reader, OPERATOR) }
}

function readString(reader: Reader, prefix: string, quote: string): PythonToken {
  const { text, file, line } = reader
  const kind = prefix.toLowerCase()
  const start = reader.at + prefix.length + quote.length
  let end = start
  for (; !text.startsWith(quote, end); end++) {
    if (end >= text.length || (quote.length === 1 && /[\r\n]/.test(text[end] ?? '')))
      throw fileUnreadable(file, 'has a text that does not end', line)
    if (text[end] !== '\\') continue
    end += 1
    if (text[end] === '\r' && text[end + 1] === '\n') end += 1
  }
  reader.at = end + quote.length
  const written = text.slice(start, end).replace(/\r\n?/g, '\n')
  reader.line += written.split('\n').length - 1
  const isLiteral = !/[bft]/.test(kind)
  const meant = kind.includes('r') ? written : isLiteral ? unescape(written) : undefined
  return isLiteral && meant !== undefined
    ? { type: 'text', text: meant }
    : { type: 'other', text: written }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|N(\{[^}]*\})|([^]))/g

/** Returns what a text means; undefined for one with names of characters. */
function unescape(written: string): string | undefined {
  let isKnown = true
  const meant = written.replace(
    ESCAPE,
    (
      whole: string,
      x?: string,
      u?: string,
      U?: string,
      octal?: string,
      name?: string,
      one = '',
    ) => {
      const hexadecimal = x ?? u ?? U
      const code =
        hexadecimal === undefined
          ? octal === undefined
            ? undefined
            : Number.parseInt(octal, 8)
          : Number.parseInt(hexadecimal, 16)
      if (name !== undefined || (code !== undefined && code > 0x10_ff_ff)) isKnown = false
      else if (code !== undefined) return String.fromCodePoint(code)
      return Object.hasOwn(ESCAPES, one) ? (ESCAPES[one] ?? '') : whole
    },
  )
  return isKnown ? meant : undefined
}

function skipComment(reader: Reader): void {
  const rest = /[\r\n]/g
  rest.lastIndex = reader.at
  reader.at = rest.exec(reader.text)?.index ?? reader.text.length
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)?.[0] ?? ''
  reader.at += found.length
  return found
}

/** A tab goes to the next multiple of eight. */
function columnsOf(space: string): number {
  let columns = 0
  for (const letter of space)
    columns = letter === '\t' ? columns - (columns % 8) + 8 : letter === '\f' ? 0 : columns + 1
  return columns
}
