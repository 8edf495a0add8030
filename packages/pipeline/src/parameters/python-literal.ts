import { renderText } from '../read/render-text.ts'
import type { Value } from '../read/value.ts'
import type { PythonToken } from './python-lines.ts'

const MAX_DEPTH = 90
const MAX_DIGITS = 1000

/** Returns the value of a Python literal; undefined for anything that would have to be computed. */
export function readLiteral(tokens: readonly PythonToken[]): Value | undefined {
  const cursor: Cursor = { tokens, at: 0, depth: 0 }
  const value = readItems(cursor, undefined)
  return cursor.at === tokens.length ? value : undefined
}

interface Cursor {
  readonly tokens: readonly PythonToken[]
  at: number
  depth: number
}

/** Reads `a` or `a, b`, up to the closing bracket, which stays; one with commas, or in `[]`, is a list. */
function readItems(cursor: Cursor, bracket: string | undefined): Value | undefined {
  const items: Value[] = []
  let isTuple = bracket === ']'
  while (cursor.at < cursor.tokens.length && !isAt(cursor, bracket)) {
    const item = readValue(cursor)
    if (item === undefined) return undefined
    items.push(item)
    if (!isAt(cursor, ',')) break
    cursor.at += 1
    isTuple = true
  }
  if (isTuple) return items
  return items.length === 0 ? (bracket === undefined ? undefined : []) : items[0]
}

function readValue(cursor: Cursor): Value | undefined {
  const token = cursor.tokens[cursor.at]
  if (token === undefined) return undefined
  cursor.at += 1
  switch (token.type) {
    case 'text':
      return readTexts(cursor, token.text)
    case 'number':
      return readNumber(token.text)
    case 'name':
      return token.text === 'set' ? readEmptySet(cursor) : CONSTANTS.get(token.text)
    case 'operator':
      return readBracketOrSign(cursor, token.text)
    case 'other':
      return undefined
  }
}

/** `set()` is what Python calls a literal too. */
function readEmptySet(cursor: Cursor): Value | undefined {
  if (!isAt(cursor, '(')) return undefined
  cursor.at += 1
  return closed(cursor, [], ')')
}

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['True', true],
  ['False', false],
  ['None', null],
])

/** Texts beside each other are one. */
function readTexts(cursor: Cursor, first: string): string | undefined {
  const all = [first]
  for (let next = cursor.tokens[cursor.at]; next !== undefined; next = cursor.tokens[cursor.at]) {
    if (next.type === 'other') return undefined
    if (next.type !== 'text') break
    all.push(next.text)
    cursor.at += 1
  }
  return all.join('')
}

function readNumber(written: string): Value | undefined {
  const text = written.replace(/_/g, '')
  if (text.length > MAX_DIGITS) return undefined
  if (/^0[xob]/i.test(text)) return BigInt(text.toLowerCase())
  return /^[0-9]+$/.test(text) ? BigInt(text) : Number(text)
}

function readBracketOrSign(cursor: Cursor, operator: string): Value | undefined {
  if (cursor.depth > MAX_DEPTH) return undefined
  cursor.depth += 1
  try {
    switch (operator) {
      case '-':
      case '+': {
        const value = readValue(cursor)
        if (typeof value !== 'bigint' && typeof value !== 'number') return undefined
        return operator === '-' ? -value : value
      }
      case '(':
        return closed(cursor, readItems(cursor, ')'), ')')
      case '[':
        return closed(cursor, readItems(cursor, ']'), ']')
      case '{':
        return closed(cursor, readBraces(cursor), '}')
      default:
        return undefined
    }
  } finally {
    cursor.depth -= 1
  }
}

function closed(cursor: Cursor, value: Value | undefined, bracket: string): Value | undefined {
  if (!isAt(cursor, bracket)) return undefined
  cursor.at += 1
  return value
}

/** Reads a dictionary, or a set as a list, up to the closing bracket. */
function readBraces(cursor: Cursor): Value | undefined {
  const pairs = new Map<string, Value>()
  const items: Value[] = []
  while (!isAt(cursor, '}')) {
    const first = readValue(cursor)
    if (first === undefined) return undefined
    if (isAt(cursor, ':')) {
      cursor.at += 1
      const value = readValue(cursor)
      if (value === undefined) return undefined
      pairs.set(renderText(first), value)
    } else {
      items.push(first)
    }
    if (!isAt(cursor, ',')) break
    cursor.at += 1
  }
  if (items.length === 0) return pairs
  return pairs.size === 0 ? items : undefined
}

function isAt({ tokens, at }: Cursor, operator: string | undefined): boolean {
  const token = tokens[at]
  return token?.type === 'operator' && token.text === operator
}
