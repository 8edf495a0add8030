import { formatSyntax, type Json } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'

/** One item of a label map. */
export interface LabelMapItem {
  readonly id: number
  readonly name: string
  readonly displayName?: string
  /** Fields we have no name for, in order: what text protobuf says, as JSON. */
  readonly rest: readonly (readonly [string, Json])[]
}

/**
 * Reads a `StringIntLabelMap` in the text form of protocol buffers.
 *
 * @see {@link https://protobuf.dev/reference/protobuf/textformat-spec/}
 * @throws `DSV_FORMAT_SYNTAX` with the line
 */
export function parseLabelMap(bytes: Uint8Array, file: string): readonly LabelMapItem[] {
  const tokens = tokensOf(decodeText(bytes, file), file)
  const fields = parseFields(tokens, file, 0)
  const left = tokens.list[tokens.at]
  if (left !== undefined) {
    throw formatSyntax(file, `is no label map: ${left.text} in line ${left.line} closes nothing`)
  }
  return fields.flatMap(([name, value]) => {
    if (name !== 'item') return []
    const item: readonly TextField[] = isMessage(value) ? value.fields : []
    const first = (key: string): TextValue | undefined => item.find(([each]) => each === key)?.[1]
    const [id = 0, text = '', display] = [first('id'), first('name'), first('display_name')]
    if (typeof id !== 'number' || !Number.isSafeInteger(id)) {
      throw formatSyntax(file, 'has an item whose id is no integer')
    }
    if (typeof text !== 'string') throw formatSyntax(file, 'has an item whose name is no text')
    const known = new Set(['id', 'name', 'display_name'])
    const rest = item
      .filter(([key]) => !known.has(key))
      .map(([key, each]) => [key, asJson(each)] as const)
    return [{ id, name: text, rest, ...(typeof display === 'string' && { displayName: display }) }]
  })
}

/** Returns a label map as text. */
export function formatLabelMap(items: readonly LabelMapItem[]): string {
  return items
    .map(({ id, name, displayName, rest }) => {
      const lines = [`  id: ${id}`, `  name: ${quoted(name)}`]
      if (displayName !== undefined) lines.push(`  display_name: ${quoted(displayName)}`)
      for (const [key, value] of rest) lines.push(...fieldLines(key, value, '  '))
      return `item {\n${lines.join('\n')}\n}\n`
    })
    .join('\n')
}

type TextValue = string | number | TextWord | TextMessage
/** A word that is no text: `true`, or a value of an enumeration. */
interface TextWord {
  readonly word: string
}
interface TextMessage {
  readonly fields: readonly TextField[]
}
type TextField = readonly [name: string, value: TextValue]

function isMessage(value: TextValue): value is TextMessage {
  return typeof value === 'object' && 'fields' in value
}

interface Token {
  readonly text: string
  readonly isText: boolean
  readonly line: number
}

interface Tokens {
  readonly list: readonly Token[]
  at: number
}

const TOKEN =
  /#[^\n]*|\s+|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_][\w.]*|\[[\w./]+\]|[-+]?[.\d][\w.+-]*|[{}<>:;,[\]-]/gsu
const MAX_DEPTH = 64

function tokensOf(text: string, file: string): Tokens {
  const list: Token[] = []
  let line = 1
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    if (match.index !== end) break
    const [token] = match
    end += token.length
    const isSpace = /^[\s#]/u.test(token)
    const isText = /^["']/u.test(token)
    if (!isSpace) list.push({ text: isText ? unquoted(token) : token, isText, line })
    line += token.split('\n').length - 1
  }
  if (end !== text.length)
    throw formatSyntax(file, `is no label map: line ${line} is not understood`)
  return { list, at: 0 }
}

function parseFields(tokens: Tokens, file: string, depth: number): readonly TextField[] {
  const fields: TextField[] = []
  for (;;) {
    const token = tokens.list[tokens.at]
    if (token === undefined || (!token.isText && /^[}>]$/u.test(token.text))) return fields
    tokens.at += 1
    if (!token.isText && /^[;,]$/u.test(token.text)) continue
    if (token.isText || !/^[\w[]/u.test(token.text)) {
      throw formatSyntax(file, `is no label map: line ${token.line} should begin with a name`)
    }
    for (const value of parseValues(tokens, file, depth, token)) fields.push([token.text, value])
  }
}

/** The values of one field: one, or those of a list in brackets. */
function parseValues(
  tokens: Tokens,
  file: string,
  depth: number,
  name: Token,
): readonly TextValue[] {
  if (tokens.list[tokens.at]?.text === ':') tokens.at += 1
  if (tokens.list[tokens.at]?.text !== '[') return [parseValue(tokens, file, depth, name)]
  tokens.at += 1
  const values: TextValue[] = []
  for (;;) {
    const next = tokens.list[tokens.at]
    if (next === undefined)
      throw formatSyntax(file, `is no label map: line ${name.line} has no end`)
    if (next.text === ']' || next.text === ',') tokens.at += 1
    if (next.text === ']') return values
    if (next.text !== ',') values.push(parseValue(tokens, file, depth, name))
  }
}

function parseValue(tokens: Tokens, file: string, depth: number, name: Token): TextValue {
  const token = tokens.list[tokens.at]
  if (token === undefined || depth > MAX_DEPTH) {
    throw formatSyntax(file, `is no label map: ${name.text} in line ${name.line} has no value`)
  }
  tokens.at += 1
  if (token.isText) {
    let text = token.text
    // Texts side by side are one.
    for (; tokens.list[tokens.at]?.isText === true; tokens.at++)
      text += tokens.list[tokens.at]?.text ?? ''
    return text
  }
  if (token.text === '{' || token.text === '<') {
    const fields = parseFields(tokens, file, depth + 1)
    const close = tokens.list[tokens.at]
    if (close?.text !== (token.text === '{' ? '}' : '>')) {
      throw formatSyntax(file, `is no label map: ${token.text} in line ${token.line} is not closed`)
    }
    tokens.at += 1
    return { fields }
  }
  const number = Number(token.text)
  if (Number.isFinite(number)) return number
  if (/^[A-Za-z_]/u.test(token.text)) return { word: token.text }
  throw formatSyntax(file, `is no label map: ${token.text} in line ${token.line} is no value`)
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** Escapes by number are bytes of UTF-8. */
function unquoted(token: string): string {
  const inner = token.slice(1, -1)
  if (!inner.includes('\\')) return inner
  const parts = inner.match(/\\(?:[0-7]{1,3}|x[\da-f]{1,2}|.)|[^\\]+/gisu) ?? []
  const bytes = parts.map((part) => {
    if (!part.startsWith('\\')) return Buffer.from(part)
    const code = part.slice(1)
    if (/^[0-7]/u.test(code)) return Buffer.of(Number.parseInt(code, 8) & 0xff)
    if (/^x[\da-f]/iu.test(code)) return Buffer.of(Number.parseInt(code.slice(1), 16))
    return Buffer.from(ESCAPES.get(code) ?? code)
  })
  return Buffer.concat(bytes).toString('utf8')
}

function quoted(text: string): string {
  const escaped = text.replaceAll(/[\\'\n\r\t]/gu, (letter) => {
    const code = new Map([...ESCAPES].map(([key, value]) => [value, key])).get(letter)
    return `\\${code ?? letter}`
  })
  return `'${escaped}'`
}

function asJson(value: TextValue): Json {
  if (typeof value !== 'object') return value
  if (!isMessage(value)) return { word: value.word }
  return { fields: value.fields.map(([key, each]) => [key, asJson(each)]) }
}

function fieldLines(key: string, value: Json, indent: string): readonly string[] {
  if (typeof value === 'string') return [`${indent}${key}: ${quoted(value)}`]
  if (typeof value !== 'object' || value === null) return [`${indent}${key}: ${String(value)}`]
  const word: Json = 'word' in value ? value['word'] : null
  if (typeof word === 'string') return [`${indent}${key}: ${word}`]
  const fields: Json = 'fields' in value ? value['fields'] : []
  const lines = (Array.isArray(fields) ? fields : []).flatMap((pair: Json) => {
    const [inner, each]: readonly (Json | undefined)[] = Array.isArray(pair) ? pair : []
    return typeof inner === 'string' && each !== undefined
      ? fieldLines(inner, each, `${indent}  `)
      : []
  })
  return [`${indent}${key} {`, ...lines, `${indent}}`]
}
