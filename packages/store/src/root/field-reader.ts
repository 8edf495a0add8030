import { type AnyId, ID_BYTES, idFromBytes, toObjectId } from '../hash/object-id.ts'

/** Reads decoded bytes that nobody has checked: each method checks one value. */
export interface FieldReader {
  /** Whether there is a value other than null. */
  readonly isPresent: boolean
  /** Reader of the value under `name`; of nothing when there is none. */
  field(name: string): FieldReader
  text(): string
  /** An integer from 0 to 2^53 - 1. */
  count(): number
  boolean(): boolean
  bytes(): Uint8Array
  /** An id kept as its 32 bytes. */
  id(): AnyId
  /** A run of ids kept as one byte string. */
  ids(): AnyId[]
  list(): FieldReader[]
  /** Names of a map, as they lie there. */
  names(): string[]
  /** Throws the error that says what is wrong at this place. */
  fail(problem: string): never
}

/**
 * Wraps a decoded value. `toError` makes the error from a sentence like
 * `refs[2] is not an id`.
 */
export function fieldReader(
  value: unknown,
  toError: (problem: string) => Error,
  place = '',
): FieldReader {
  const fail = (problem: string): never => {
    throw toError(`${place === '' ? 'The record' : place} ${problem}`)
  }
  const bytes = (): Uint8Array => (value instanceof Uint8Array ? value : fail('is not bytes'))
  const nest = (child: unknown, name: string): FieldReader => fieldReader(child, toError, name)
  return {
    isPresent: value !== undefined && value !== null,
    field: (name) => nest(valueUnder(value, name), place === '' ? name : `${place}.${name}`),
    text: () => (typeof value === 'string' ? value : fail('is not text')),
    count: () =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
        ? value
        : fail('is not a count'),
    boolean: () => (typeof value === 'boolean' ? value : fail('is neither true nor false')),
    bytes,
    id: () =>
      bytes().length === ID_BYTES ? toObjectId(idFromBytes(bytes())) : fail('is not an id'),
    ids: () => (bytes().length % ID_BYTES === 0 ? splitIds(bytes()) : fail('is not a list of ids')),
    list: () =>
      Array.isArray(value)
        ? value.map((each: unknown, at) => nest(each, `${place}[${at}]`))
        : fail('is not a list'),
    names: () => (isMapLike(value) ? namesOf(value) : fail('is not a map')),
    fail,
  }
}

/** Returns the ids as one run of bytes; {@link FieldReader.ids} reads it back. */
export function joinIds(ids: readonly AnyId[]): Uint8Array {
  const joined = Buffer.alloc(ids.length * ID_BYTES)
  for (const [at, id] of ids.entries()) joined.write(id, at * ID_BYTES, 'hex')
  return joined
}

function splitIds(bytes: Uint8Array): AnyId[] {
  const ids: AnyId[] = []
  for (let at = 0; at + ID_BYTES <= bytes.length; at += ID_BYTES) {
    ids.push(toObjectId(idFromBytes(bytes, at)))
  }
  return ids
}

function isMapLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function namesOf(value: object): string[] {
  return value instanceof Map ? [...value.keys()].map(String) : Object.keys(value)
}

function valueUnder(value: unknown, name: string): unknown {
  if (!isMapLike(value)) return undefined
  if (value instanceof Map) return value.get(name)
  return Object.getOwnPropertyDescriptor(value, name)?.value
}
