import { querySyntax } from '../errors.ts'

/** One word or sign of a query; `at` and `end` are offsets in UTF-16 units. */
export type Token = { readonly at: number; readonly end: number } & (
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'pattern'; readonly pattern: string; readonly flags: string }
  | { readonly type: 'word' | 'symbol'; readonly text: string }
  | { readonly type: 'end' }
)

const SPACE = /\s+/uy
const NUMBER = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/uy
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy
const SYMBOL = /&&|\|\||==|!=|<=|>=|!~|<>|[=<>~!()+\-*/.,]/uy
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['/', '/'],
])

/**
 * Returns the tokens of a query, the last of type `end`. A `/` begins a pattern only after `~` and
 * `!~`; elsewhere it divides.
 *
 * @throws `DSV_QUERY_SYNTAX`
 */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at = matchAt(SPACE, text, at)?.end ?? at
    const token = readToken(text, at, tokens.at(-1))
    tokens.push(token)
    if (token.type === 'end') return tokens
    at = token.end
  }
}

function readToken(text: string, at: number, previous: Token | undefined): Token {
  if (at >= text.length) return { type: 'end', at, end: at }
  const first = text.charAt(at)
  if (first === '"' || first === "'") return readString(text, at)
  if (first === '/' && isMatchSign(previous)) return readPattern(text, at)
  const afterName = previous?.end === at && previous.type !== 'symbol'
  const number = first === '.' && afterName ? undefined : matchAt(NUMBER, text, at)
  if (number !== undefined) return readNumber(text, number.text, at)
  const word = matchAt(WORD, text, at)
  if (word !== undefined) return { type: 'word', text: word.text, at, end: word.end }
  const symbol = matchAt(SYMBOL, text, at)
  if (symbol !== undefined) return { type: 'symbol', text: symbol.text, at, end: symbol.end }
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  throw querySyntax(`unexpected ${JSON.stringify(character)}`, text, at)
}

function readNumber(text: string, digits: string, at: number): Token {
  const end = at + digits.length
  const value = Number(digits)
  if (!Number.isFinite(value)) throw querySyntax('this number is too large', text, at)
  const next = matchAt(WORD, text, end)
  if (next !== undefined) {
    throw querySyntax(`expected a space between the number and "${next.text}"`, text, end)
  }
  return { type: 'number', value, at, end }
}

function readString(text: string, at: number): Token {
  const quote = text.charAt(at)
  let value = ''
  let index = at + 1
  while (index < text.length) {
    const character = text.charAt(index)
    if (character === quote) return { type: 'string', value, at, end: index + 1 }
    if (character === '\\') {
      const escape = readEscape(text, index)
      value += escape.value
      index = escape.end
    } else {
      value += character
      index += 1
    }
  }
  throw querySyntax(`this text has no closing ${quote}`, text, at)
}

function readEscape(text: string, at: number): { readonly value: string; readonly end: number } {
  const letter = text.charAt(at + 1)
  const value = ESCAPES.get(letter)
  if (value !== undefined) return { value, end: at + 2 }
  const digits = text.slice(at + 2, at + 6)
  if (letter === 'u' && /^[0-9a-fA-F]{4}$/u.test(digits)) {
    return { value: String.fromCharCode(Number.parseInt(digits, 16)), end: at + 6 }
  }
  throw querySyntax(
    'a backslash in a text stands before n, r, t, u with four digits, a quote or a backslash',
    text,
    at,
    'Double the backslash, or write a pattern between slashes: ~ /\\d+/.',
  )
}

function readPattern(text: string, at: number): Token {
  let inClass = false
  for (let index = at + 1; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === '\\') index += 1
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) {
      const pattern = text.slice(at + 1, index)
      const flags = matchAt(WORD, text, index + 1)?.text ?? ''
      return { type: 'pattern', pattern, flags, at, end: index + 1 + flags.length }
    }
  }
  throw querySyntax('this pattern has no closing /', text, at)
}

function isMatchSign(token: Token | undefined): boolean {
  return token?.type === 'symbol' && (token.text === '~' || token.text === '!~')
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  return found === null ? undefined : { text: found[0], end: at + found[0].length }
}
