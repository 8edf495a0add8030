import {
  decodeCanonical,
  type AnyId,
  type BlobId,
  type ObjectId,
  toBlobId,
  toObjectId,
} from '@dsv/store'
import { recordMalformed, recordVersionUnsupported } from '../errors.ts'
import type { Json } from '../model/json.ts'

/** Fields of a record by short name, not yet checked. */
export type Fields = Readonly<Record<string, unknown>>

/** Reads one record: every method returns the value in the asked shape or throws. */
export interface RecordReader {
  /** The list after the version. */
  readonly body: readonly unknown[]
  fail(problem: string): never
  text(value: unknown, what: string): string
  number(value: unknown, what: string): number
  /** An integer of 0 or more. */
  count(value: unknown, what: string): number
  list(value: unknown, what: string): readonly unknown[]
  fields(value: unknown, what: string): Fields
  json(value: unknown, what: string): Json
  blob(value: unknown, what: string): BlobId
  object(value: unknown, what: string): ObjectId
}

/**
 * Opens a record: canonical bytes of a list whose first element is the format version.
 *
 * @param record - What the record is called in messages
 * @param links - The ids that the record refers to by index
 * @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED`
 */
export function readRecord(
  record: string,
  bytes: Uint8Array,
  links: readonly AnyId[],
  version: number,
): RecordReader {
  const value = decodeCanonical(bytes)
  if (!Array.isArray(value)) throw recordMalformed(record, 'it is not a list')
  const [found, ...body]: unknown[] = value
  if (!Number.isInteger(found)) throw recordMalformed(record, 'it does not begin with a version')
  if (found !== version) throw recordVersionUnsupported(record, Number(found), version)
  return recordReader(record, body, links)
}

/** Returns whether the value is a map, not a list and not bytes. */
export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  return !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** Returns whether the value is made of what JSON has; bytes are not. */
export function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true
  if (typeof value === 'number') return true
  if (Array.isArray(value)) return value.every(isJson)
  return isFields(value) && Object.values(value).every(isJson)
}

function recordReader(
  record: string,
  body: readonly unknown[],
  links: readonly AnyId[],
): RecordReader {
  const fail = (problem: string): never => {
    throw recordMalformed(record, problem)
  }
  const link = (value: unknown, what: string): AnyId => {
    const id = typeof value === 'number' ? links[value] : undefined
    return id ?? fail(`${what} refers to a link that is not there`)
  }
  return {
    body,
    fail,
    text: (value, what) => (typeof value === 'string' ? value : fail(`${what} is not text`)),
    number: (value, what) => (typeof value === 'number' ? value : fail(`${what} is not a number`)),
    count: (value, what) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
        ? value
        : fail(`${what} is not a count`),
    list: (value, what) => (Array.isArray(value) ? value : fail(`${what} is not a list`)),
    fields: (value, what) => (isFields(value) ? value : fail(`${what} is not a map`)),
    json: (value, what) => (isJson(value) ? value : fail(`${what} is not JSON`)),
    blob: (value, what) => toBlobId(link(value, what)),
    object: (value, what) => toObjectId(link(value, what)),
  }
}
