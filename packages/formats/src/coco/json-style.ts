import type { Json } from '@dsv/core'
import { jsonEncoder } from '../shared/json-encoder.ts'
import type { JsonStyle } from './layout.ts'

/** Text or bytes of a file, in order. */
export type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/** What stands around the records of a list. */
export interface ListMarks {
  readonly first: string
  readonly between: string
  readonly last: string
}

/** A member of the object at the top of a file; a list comes with its marks, but without brackets. */
export type StyledMember =
  | { readonly key: string; readonly value: Json }
  | { readonly key: string; readonly list: Parts }

/**
 * Makes the function that writes records that are elements of a list at `depth - 1`; what it returns is
 * valid until its next call.
 */
export function recordWriter(style: JsonStyle, depth = 2): (value: Json) => Buffer {
  if (style.indent === 0) return jsonEncoder(style.isSpaced)
  const line = `\n${' '.repeat(style.indent * depth)}`
  return (value) => Buffer.from(JSON.stringify(value, null, style.indent).replaceAll('\n', line))
}

/** Returns what stands around the records of a list at `depth`; an empty list has nothing inside. */
export function listMarks(style: JsonStyle, depth: number): ListMarks {
  const hasLines = style.indent > 0 || style.hasLines
  const line = hasLines ? `\n${' '.repeat(style.indent * (depth + 1))}` : ''
  const comma = !hasLines && style.isSpaced ? ', ' : ','
  const last = hasLines ? `\n${' '.repeat(style.indent * depth)}` : ''
  return { first: line, between: comma + line, last }
}

/** Returns records that are in memory as the inside of a list. */
export function shortList(records: readonly Json[], style: JsonStyle): readonly string[] {
  if (records.length === 0) return []
  const { first, between, last } = listMarks(style, 1)
  const write = recordWriter(style)
  return [first, records.map((record) => write(record).toString()).join(between), last]
}

/** Writes an object in a style, part by part. */
export function styledObject(members: readonly StyledMember[], style: JsonStyle): Parts {
  return objectParts(members, style)
}

async function* objectParts(
  members: readonly StyledMember[],
  style: JsonStyle,
): AsyncGenerator<string | Uint8Array> {
  const { indent } = style
  const colon = indent > 0 || style.isSpaced ? ': ' : ':'
  const line = indent > 0 ? `\n${' '.repeat(indent)}` : style.hasLines ? '\n' : ''
  const comma = indent === 0 && !style.hasLines && style.isSpaced ? ', ' : ','
  const write = recordWriter(style, 1)
  yield '{'
  for (const [index, member] of members.entries()) {
    const before = index === 0 ? (indent > 0 ? line : '') : comma + line
    yield `${before}${JSON.stringify(member.key)}${colon}`
    if ('list' in member) {
      yield '['
      yield* member.list
      yield ']'
    } else yield write(member.value).toString()
  }
  yield indent > 0 && members.length > 0 ? '\n}' : '}'
  if (style.endsWithNewline) yield '\n'
}
