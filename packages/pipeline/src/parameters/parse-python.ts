import { fileUnreadable } from '../errors.ts'
import type { Value } from '../read/value.ts'
import { readLiteral } from './python-literal.ts'
import { type PythonLine, type PythonToken, readLines } from './python-lines.ts'

const MAX_CLASSES = 100

/**
 * Returns the literals that a Python file assigns, without running it: names at the top, names in a class as a mapping
 * with the name of the class, and `self.` names in its `__init__`. What is computed is left out.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE` with the line where a text or a bracket does not end
 */
export function parsePython(text: string, file: string): Value {
  const lines = readLines(text, file)
  const found = new Map<string, Value>()
  readBlock({ lines, file }, 0, { found, onlySelf: false, depth: 0 })
  return found
}

interface Source {
  readonly lines: readonly PythonLine[]
  readonly file: string
}

/** What the lines of a block are added to. */
interface Block {
  readonly found: Map<string, Value>
  /** Only names of `self` count, as in `__init__`. */
  readonly onlySelf: boolean
  readonly depth: number
}

/** Reads the lines from `start` that are indented like it; returns the first line after them. */
function readBlock(source: Source, start: number, block: Block): number {
  const { lines, file } = source
  const indent = lines[start]?.indent ?? 0
  let at = start
  for (let line = lines[at]; line !== undefined && line.indent >= indent; line = lines[at]) {
    at += 1
    const inner = line.indent === indent ? innerBlock(line.tokens, block) : undefined
    if (inner === undefined) {
      if (line.indent === indent) readStatements(line.tokens, block)
      continue
    }
    if (inner.depth > MAX_CLASSES) throw fileUnreadable(file, 'is nested too deeply', line.number)
    readStatements(afterColon(line.tokens), inner)
    const next = lines[at]
    if (next !== undefined && next.indent > indent) at = readBlock(source, at, inner)
  }
  return at
}

function innerBlock(
  [first, second]: readonly PythonToken[],
  { found, depth }: Block,
): Block | undefined {
  if (first?.type !== 'name' || second?.type !== 'name') return undefined
  if (first.text === 'class') {
    const members = new Map<string, Value>()
    found.set(second.text, members)
    return { found: members, onlySelf: false, depth: depth + 1 }
  }
  const isInit = first.text === 'def' && second.text === '__init__'
  return isInit ? { found, onlySelf: true, depth: depth + 1 } : undefined
}

/** What follows the colon that ends a `class` or `def`, on the same line. */
function afterColon(tokens: readonly PythonToken[]): readonly PythonToken[] {
  let depth = 0
  const at = tokens.findIndex(({ type, text }) => {
    if (type === 'operator') depth += '([{'.includes(text) ? 1 : ')]}'.includes(text) ? -1 : 0
    return depth === 0 && type === 'operator' && text === ':'
  })
  return tokens.slice(at + 1)
}

function readStatements(tokens: readonly PythonToken[], block: Block): void {
  let start = 0
  for (let at = 0; at <= tokens.length; at++) {
    const token = tokens[at]
    if (token !== undefined && !isOperator(token, ';')) continue
    readAssignment(tokens.slice(start, at), block)
    start = at + 1
  }
}

/** `name = literal`, `name: type = literal`, `self.name = literal`. */
function readAssignment(tokens: readonly PythonToken[], { found, onlySelf }: Block): void {
  const [first, second, third] = tokens
  if (first?.type !== 'name') return
  const isSelf = first.text === 'self' && isOperator(second, '.') && third?.type === 'name'
  if (onlySelf && !isSelf) return
  const name = isSelf ? third.text : first.text
  let at = isSelf ? 3 : 1
  if (isOperator(tokens[at], ':'))
    at = tokens.findIndex((token, index) => index > at && isOperator(token, '='))
  if (at === -1 || !isOperator(tokens[at], '=')) return
  const value = readLiteral(tokens.slice(at + 1))
  if (value !== undefined) found.set(name, value)
}

function isOperator(token: PythonToken | undefined, text: string): boolean {
  return token?.type === 'operator' && token.text === text
}
