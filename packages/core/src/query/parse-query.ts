import { querySyntax } from '../errors.ts'
import type {
  AggregateName,
  ArithmeticStep,
  ComparisonOperator,
  LiteralValue,
  QueryNode,
  TextOperator,
} from './query-ast.ts'
import { readTokens, type Token } from './read-tokens.ts'

/** Longer queries are refused, in UTF-16 units. */
const MAX_LENGTH = 100_000
/** Deeper parentheses are refused. */
const MAX_DEPTH = 100

const COMPARISONS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
])
const AGGREGATES: ReadonlyMap<string, AggregateName> = new Map([
  ['exists', 'exists'],
  ['count', 'count'],
  ['sum', 'sum'],
  ['min', 'min'],
  ['max', 'max'],
  ['avg', 'avg'],
])
/** Words that cannot begin a field; they can follow a dot. */
const KEYWORDS: ReadonlySet<string> = new Set(
  'and or not in is has starts ends contains where with'.split(' '),
)

interface Cursor {
  readonly text: string
  readonly tokens: readonly Token[]
  index: number
  depth: number
}

/**
 * Parses a query by recursive descent; the grammar is in `docs/query-language.md`. Whether its
 * fields exist is not looked at.
 *
 * @throws `DSV_QUERY_SYNTAX`
 */
export function parseQuery(text: string): QueryNode {
  if (text.length > MAX_LENGTH) {
    throw querySyntax(`a query has at most ${MAX_LENGTH} characters`, text, MAX_LENGTH)
  }
  const cursor: Cursor = { text, tokens: readTokens(text), index: 0, depth: 0 }
  const node = parseOr(cursor)
  const rest = peek(cursor)
  if (rest.type === 'end') return node
  const problem = isSymbol(rest, ')')
    ? 'this ")" closes nothing'
    : `expected "and", "or" or an operator, found ${spelled(cursor, rest)}`
  throw querySyntax(problem, text, rest.at)
}

function parseOr(cursor: Cursor): QueryNode {
  return parseChain(cursor, 'or', '||', parseAnd)
}

function parseAnd(cursor: Cursor): QueryNode {
  return parseChain(cursor, 'and', '&&', parseNot)
}

function parseChain(
  cursor: Cursor,
  type: 'and' | 'or',
  symbol: string,
  parseOperand: (cursor: Cursor) => QueryNode,
): QueryNode {
  const first = parseOperand(cursor)
  const operands = [first]
  while (takeWord(cursor, type) || takeSymbol(cursor, symbol)) operands.push(parseOperand(cursor))
  return operands.length === 1 ? first : { type, operands, at: first.at }
}

function parseNot(cursor: Cursor): QueryNode {
  const at = peek(cursor).at
  if (!takeWord(cursor, 'not') && !takeSymbol(cursor, '!')) return parseComparison(cursor)
  return nested(cursor, at, () => ({ type: 'not', operand: parseNot(cursor), at }))
}

function parseComparison(cursor: Cursor): QueryNode {
  const left = parseSum(cursor)
  const node = parseOperator(cursor, left)
  if (node === left) return left
  const next = peek(cursor)
  if (next.type === 'symbol' && COMPARISONS.has(next.text)) {
    throw querySyntax('comparisons do not chain; join them with "and"', cursor.text, next.at)
  }
  return node
}

function parseOperator(cursor: Cursor, left: QueryNode): QueryNode {
  const { at } = left
  const token = peek(cursor)
  if (token.type === 'symbol') {
    const operator = COMPARISONS.get(token.text)
    if (operator !== undefined) {
      cursor.index += 1
      return { type: 'comparison', operator, left, right: parseSum(cursor), at }
    }
    if (token.text !== '~' && token.text !== '!~') return left
    cursor.index += 1
    const negated = token.text === '!~'
    return { type: 'match', operand: left, ...takePattern(cursor), negated, at }
  }
  if (takeWord(cursor, 'is')) {
    const negated = takeWord(cursor, 'not')
    expectWord(cursor, 'null')
    return { type: 'null', operand: left, negated, at }
  }
  if (takeWord(cursor, 'in')) {
    return { type: 'in', operand: left, values: takeList(cursor), negated: false, at }
  }
  if (takeWord(cursor, 'not')) {
    expectWord(cursor, 'in')
    return { type: 'in', operand: left, values: takeList(cursor), negated: true, at }
  }
  const operator = takeTextOperator(cursor)
  if (operator === undefined) return left
  return { type: 'text', operator, left, right: parseSum(cursor), at }
}

function parseSum(cursor: Cursor): QueryNode {
  return parseArithmetic(cursor, ['+', '-'], parseProduct)
}

function parseProduct(cursor: Cursor): QueryNode {
  return parseArithmetic(cursor, ['*', '/'], parseUnary)
}

function parseArithmetic(
  cursor: Cursor,
  operators: readonly ArithmeticStep['operator'][],
  parseOperand: (cursor: Cursor) => QueryNode,
): QueryNode {
  const first = parseOperand(cursor)
  const rest: ArithmeticStep[] = []
  for (;;) {
    const operator = operators.find((symbol) => takeSymbol(cursor, symbol))
    if (operator === undefined) break
    rest.push({ operator, operand: parseOperand(cursor) })
  }
  return rest.length === 0 ? first : { type: 'arithmetic', first, rest, at: first.at }
}

function parseUnary(cursor: Cursor): QueryNode {
  const at = peek(cursor).at
  if (!takeSymbol(cursor, '-')) return parsePrimary(cursor)
  const token = peek(cursor)
  if (token.type === 'number') {
    cursor.index += 1
    return { type: 'literal', value: -token.value, at }
  }
  return nested(cursor, at, () => ({ type: 'negate', operand: parseUnary(cursor), at }))
}

function parsePrimary(cursor: Cursor): QueryNode {
  const token = peek(cursor)
  if (token.type === 'number' || token.type === 'string') {
    cursor.index += 1
    return { type: 'literal', value: token.value, at: token.at }
  }
  if (takeSymbol(cursor, '(')) {
    return nested(cursor, token.at, () => {
      const node = parseOr(cursor)
      expectClosing(cursor, token.at)
      return node
    })
  }
  if (token.type === 'word') return parseWord(cursor, token.text, token.at)
  throw expectedValue(cursor)
}

function parseWord(cursor: Cursor, word: string, at: number): QueryNode {
  const lower = word.toLowerCase()
  const aggregate = AGGREGATES.get(lower)
  if (KEYWORDS.has(lower)) throw expectedValue(cursor)
  cursor.index += 1
  if (isSymbol(peek(cursor), '(')) {
    if (aggregate !== undefined) return parseAggregate(cursor, aggregate, at)
    throw querySyntax(
      `there is no function ${word}; there are ${[...AGGREGATES.keys()].join(', ')}`,
      cursor.text,
      at,
    )
  }
  if (isSymbol(peek(cursor), '.')) return parsePath(cursor, word, at)
  if (lower === 'true' || lower === 'false') {
    return { type: 'literal', value: lower === 'true', at }
  }
  return lower === 'null' ? { type: 'literal', value: null, at } : parsePath(cursor, word, at)
}

function parsePath(cursor: Cursor, first: string, at: number): QueryNode {
  const path = [first]
  while (takeSymbol(cursor, '.')) {
    const part = peek(cursor)
    if (part.type !== 'word' && part.type !== 'string') {
      throw querySyntax('expected a name after "."', cursor.text, part.at)
    }
    cursor.index += 1
    path.push(part.type === 'string' ? part.value : part.text)
  }
  return { type: 'field', path, at }
}

function parseAggregate(cursor: Cursor, name: AggregateName, at: number): QueryNode {
  const openedAt = peek(cursor).at
  cursor.index += 1
  return nested(cursor, at, () => {
    if (name === 'exists' || name === 'count') {
      if (takeSymbol(cursor, ')')) return { type: 'aggregate', name, at }
      const where = parseOr(cursor)
      expectClosing(cursor, openedAt)
      return { type: 'aggregate', name, where, at }
    }
    const value = parseOr(cursor)
    const separated = takeSymbol(cursor, ',')
    const where = takeWord(cursor, 'where') || separated ? parseOr(cursor) : undefined
    expectClosing(cursor, openedAt)
    return where === undefined
      ? { type: 'aggregate', name, value, at }
      : { type: 'aggregate', name, value, where, at }
  })
}

function nested<Node>(cursor: Cursor, at: number, parse: () => Node): Node {
  cursor.depth += 1
  if (cursor.depth > MAX_DEPTH) {
    throw querySyntax(`a query is nested at most ${MAX_DEPTH} deep`, cursor.text, at)
  }
  const node = parse()
  cursor.depth -= 1
  return node
}

function takeTextOperator(cursor: Cursor): TextOperator | undefined {
  if (takeWord(cursor, 'has')) return 'has'
  if (takeWord(cursor, 'contains')) return 'contains'
  const operator = takeWord(cursor, 'starts')
    ? 'starts with'
    : takeWord(cursor, 'ends')
      ? 'ends with'
      : undefined
  if (operator !== undefined) expectWord(cursor, 'with')
  return operator
}

function takePattern(cursor: Cursor): {
  readonly pattern: string
  readonly flags: string
  readonly patternAt: number
} {
  const token = peek(cursor)
  cursor.index += 1
  if (token.type === 'pattern') {
    return { pattern: token.pattern, flags: token.flags, patternAt: token.at + 1 }
  }
  if (token.type === 'string') {
    return { pattern: token.value, flags: '', patternAt: token.at + 1 }
  }
  cursor.index -= 1
  throw querySyntax(
    `expected a pattern after ${previousSpelled(cursor)}`,
    cursor.text,
    token.at,
    'Write it between slashes or quotes: ~ /^night_/i.',
  )
}

function takeList(cursor: Cursor): readonly LiteralValue[] {
  const openedAt = peek(cursor).at
  if (!takeSymbol(cursor, '(')) {
    throw querySyntax('expected "(" after "in"', cursor.text, openedAt)
  }
  const values: LiteralValue[] = []
  do values.push(takeLiteral(cursor))
  while (takeSymbol(cursor, ','))
  expectClosing(cursor, openedAt)
  return values
}

function takeLiteral(cursor: Cursor): LiteralValue {
  const { index } = cursor
  const at = peek(cursor).at
  const node = parseUnary(cursor)
  if (node.type === 'literal' && !isSymbol(cursor.tokens[index], '(')) return node.value
  const word = node.type === 'field' ? node.path.join('.') : undefined
  throw querySyntax(
    'a list after "in" holds texts, numbers, true, false and null',
    cursor.text,
    at,
    word === undefined ? undefined : `For a text, write ${JSON.stringify(word)}.`,
  )
}

function expectClosing(cursor: Cursor, openedAt: number): void {
  if (takeSymbol(cursor, ')')) return
  const token = peek(cursor)
  if (token.type === 'end') throw querySyntax('this "(" is never closed', cursor.text, openedAt)
  throw querySyntax(`expected ")", found ${spelled(cursor, token)}`, cursor.text, token.at)
}

function expectWord(cursor: Cursor, word: string): void {
  if (takeWord(cursor, word)) return
  throw querySyntax(
    `expected "${word}" after ${previousSpelled(cursor)}`,
    cursor.text,
    peek(cursor).at,
  )
}

function expectedValue(cursor: Cursor): Error {
  const after = cursor.index === 0 ? 'a condition' : `a value after ${previousSpelled(cursor)}`
  return querySyntax(`expected ${after}`, cursor.text, peek(cursor).at)
}

function takeWord(cursor: Cursor, word: string): boolean {
  const token = peek(cursor)
  if (token.type !== 'word' || token.text.toLowerCase() !== word) return false
  cursor.index += 1
  return true
}

function takeSymbol(cursor: Cursor, symbol: string): boolean {
  if (!isSymbol(peek(cursor), symbol)) return false
  cursor.index += 1
  return true
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.type === 'symbol' && token.text === symbol
}

function peek(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.index]
  if (token === undefined) throw new Error('The parser of queries read past the end.')
  return token
}

function previousSpelled(cursor: Cursor): string {
  return spelled(cursor, cursor.tokens[cursor.index - 1] ?? peek(cursor))
}

function spelled(cursor: Cursor, token: Token): string {
  const written = cursor.text.slice(token.at, token.end)
  if (written === '') return 'the end'
  if (token.type === 'string') return written.length > 40 ? 'a text' : written
  return `"${written.slice(0, 40)}"`
}
