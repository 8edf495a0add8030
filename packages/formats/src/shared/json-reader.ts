import type { Json } from '@dsv/core'
import { formatSyntax } from '@dsv/core'
import { elementEnd, MAX_JSON_DEPTH, skipSpace, TOO_DEEP } from './json-bytes.ts'
import { decodeText } from './text-reader.ts'

/** Where a value stands, for messages: a file and a path like `annotations[3].bbox`. */
export interface JsonPlace {
  readonly file: string
  readonly path: string
}

/** An object of JSON, its keys unchecked. */
export type JsonObject = { readonly [key: string]: Json }

/** Returns the value of a JSON file. @throws `DSV_FORMAT_SYNTAX` with line and column */
export function parseJson(bytes: Uint8Array, file: string): Json {
  const text = decodeText(bytes, file)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isTooDeep(buffer)) throw formatSyntax(file, `is nested deeper than ${MAX_JSON_DEPTH}`)
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (error) {
    throw formatSyntax(file, `no valid JSON${lineOf(text, error)}`, error)
  }
}

/** Returns what a text says in JSON; undefined when it is none, or nested too deeply. */
export function jsonOf(text: string): Json | undefined {
  if (isTooDeep(Buffer.from(text))) return undefined
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

const NOTHING = new Int32Array(0)

function isTooDeep(buffer: Buffer): boolean {
  const start = skipSpace(buffer, buffer[0] === 0xef ? 3 : 0)
  const isNested = buffer[start] === 0x5b || buffer[start] === 0x7b
  return isNested && elementEnd(buffer, start, [], NOTHING) === TOO_DEEP
}

/** Returns the place of a member or an element of what stands at `place`. */
export function placeOf(place: JsonPlace, key: string | number): JsonPlace {
  if (typeof key === 'number') return { file: place.file, path: `${place.path}[${key}]` }
  return { file: place.file, path: place.path === '' ? key : `${place.path}.${key}` }
}

/** Throws `DSV_FORMAT_SYNTAX`: what stands at `place` should be something else. */
export function wrongValue(place: JsonPlace, problem: string): Error {
  return formatSyntax(place.file, `${place.path === '' ? 'the file' : place.path} ${problem}`)
}

/** Returns whether `value` is an object, not an array or null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns whether `value` is an array. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Returns `value` as an object. @throws `DSV_FORMAT_SYNTAX` */
export function objectAt(value: Json | undefined, place: JsonPlace): JsonObject {
  if (isObject(value)) return value
  throw wrongValue(place, 'should be an object')
}

/** Returns `value` as a list. @throws `DSV_FORMAT_SYNTAX` */
export function arrayAt(value: Json | undefined, place: JsonPlace): readonly Json[] {
  if (isArray(value)) return value
  throw wrongValue(place, 'should be a list')
}

/** Returns `value` as text. @throws `DSV_FORMAT_SYNTAX` */
export function stringAt(value: Json | undefined, place: JsonPlace): string {
  if (typeof value === 'string') return value
  throw wrongValue(place, 'should be text')
}

/** Returns whether `value` is a list of finite numbers. */
export function isNumbers(value: Json | undefined): value is readonly number[] {
  if (!isArray(value)) return false
  // By index: iterating makes an object of each number.
  for (let at = 0; at < value.length; at += 1) {
    const number = value[at]
    if (typeof number !== 'number' || !Number.isFinite(number)) return false
  }
  return true
}

/** The engine names a position only for some mistakes; for the others it quotes the text around. */
function lineOf(text: string, error: unknown): string {
  const [, found] = /position (\d+)/.exec(String(error)) ?? []
  const isCut = String(error).includes('end of JSON')
  if (found === undefined && !isCut) return `: ${String(error).replace(/^SyntaxError: /, '')}`
  const position = found === undefined ? text.length : Number(found)
  const before = text.slice(0, position)
  const line = before.split('\n').length
  return ` at line ${line}, column ${position - before.lastIndexOf('\n')}`
}
