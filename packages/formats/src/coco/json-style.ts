import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { JsonStyle } from './layout.ts'

/** A member of the object at the top of a file: a value, or a list whose records come as text. */
export type StyledMember =
  | { readonly key: string; readonly value: Json }
  | { readonly key: string; readonly records: AsyncIterable<string> | Iterable<string> }

/** Returns the text of a record that is an element of a list at the top of a file. */
export function recordText(value: Json, style: JsonStyle, depth = 2): string {
  if (style.indent > 0) {
    const text = JSON.stringify(value, null, style.indent)
    return text.replaceAll('\n', `\n${' '.repeat(style.indent * depth)}`)
  }
  return style.isSpaced ? spacedText(value) : JSON.stringify(value)
}

/** Writes an object in a style, part by part. */
export function styledObject(
  members: readonly StyledMember[],
  style: JsonStyle,
): AsyncIterable<string> {
  return objectParts(members, style)
}

async function* objectParts(
  members: readonly StyledMember[],
  style: JsonStyle,
): AsyncGenerator<string> {
  const { indent } = style
  const colon = indent > 0 || style.isSpaced ? ': ' : ':'
  const line = indent > 0 ? `\n${' '.repeat(indent)}` : style.hasLines ? '\n' : ''
  const comma = indent === 0 && !style.hasLines && style.isSpaced ? ', ' : ','
  yield '{'
  for (const [index, member] of members.entries()) {
    yield `${index === 0 ? '' : comma}${index > 0 || indent > 0 ? line : ''}${JSON.stringify(member.key)}${colon}`
    if ('records' in member) yield* styledList(member.records, style, 1)
    else yield recordText(member.value, style, 1)
  }
  yield indent > 0 && members.length > 0 ? '\n}' : '}'
  if (style.endsWithNewline) yield '\n'
}

/** Writes a list of records in a style; `depth` is that of the list. */
export function styledList(
  records: AsyncIterable<string> | Iterable<string>,
  style: JsonStyle,
  depth: number,
): AsyncIterable<string> {
  return listParts(records, style, depth)
}

async function* listParts(
  records: AsyncIterable<string> | Iterable<string>,
  style: JsonStyle,
  depth: number,
): AsyncGenerator<string> {
  const hasLines = style.indent > 0 || style.hasLines
  const line = hasLines ? `\n${' '.repeat(style.indent * (depth + 1))}` : ''
  const comma = !hasLines && style.isSpaced ? ', ' : ','
  let count = 0
  yield '['
  for await (const record of records) {
    yield `${count === 0 ? '' : comma}${line}${record}`
    count += 1
  }
  yield count > 0 && hasLines ? `\n${' '.repeat(style.indent * depth)}]` : ']'
}

/** JSON with a space after commas and colons, as Python writes it. */
function spacedText(value: Json): string {
  if (isArray(value)) {
    return `[${value.map(spacedText).join(', ')}]`
  }
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}: ${spacedText(inner)}`,
  )
  return `{${members.join(', ')}}`
}
