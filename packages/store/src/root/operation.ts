import { operationCorrupt } from '../errors.ts'
import { type AnyId, type ObjectId, toObjectId } from '../hash/object-id.ts'
import { isDsvError } from '../dsv-error.ts'
import { decodeCanonical, encodeCanonical } from '../object/canonical.ts'
import type { StoredObject } from '../object/object-store.ts'
import { type FieldReader, fieldReader } from './field-reader.ts'
import type { Head } from './root-record.ts'

/** Who changes the root, how and when; everything a log shows. */
export interface OperationInfo {
  /** The command line, as typed. */
  readonly command: string
  /** What was done, in a sentence. */
  readonly description: string
  readonly user: string
  readonly host: string
  /** Milliseconds since 1970 UTC. */
  readonly timeMs: number
}

/** One ref before and after; undefined where it does not exist. */
export interface RefChange {
  /** Full name: `refs/heads/main`. */
  readonly name: string
  readonly from: ObjectId | undefined
  readonly to: ObjectId | undefined
}

/** A value before and after. */
export interface Change<Value> {
  readonly from: Value | undefined
  readonly to: Value | undefined
}

/** One entry of the undo log: what one swap of the root changed. Its size follows the change. */
export interface OperationRecord extends OperationInfo {
  readonly type: 'change' | 'undo' | 'redo' | 'restore'
  readonly previous: ObjectId | undefined
  /** The operations whose effect this one took back. */
  readonly undoes: readonly ObjectId[]
  readonly refs: readonly RefChange[]
  readonly head: Change<Head> | undefined
  /** Ids of the objects that hold the working state before and after. */
  readonly local: Change<ObjectId> | undefined
}

/** An operation with its id. */
export interface Operation extends OperationRecord {
  readonly id: ObjectId
}

/** Returns the object (kind `operation`) of a log entry. */
export function encodeOperation(operation: OperationRecord): StoredObject {
  const links: AnyId[] = []
  const link = (id: AnyId | undefined): number | null => {
    if (id === undefined) return null
    const at = links.indexOf(id)
    return at === -1 ? links.push(id) - 1 : at
  }
  const head = (value: Head | undefined): readonly (string | number | null)[] | null => {
    if (value === undefined) return null
    return value.type === 'branch' ? ['branch', value.name] : ['detached', link(value.commit)]
  }
  const payload = encodeCanonical({
    version: 1,
    type: operation.type,
    timeMs: operation.timeMs,
    user: operation.user,
    host: operation.host,
    command: operation.command,
    description: operation.description,
    previous: link(operation.previous),
    undoes: operation.undoes.map(link),
    refs: operation.refs.map(({ name, from, to }) => [name, link(from), link(to)]),
    head:
      operation.head === undefined ? null : [head(operation.head.from), head(operation.head.to)],
    local:
      operation.local === undefined ? null : [link(operation.local.from), link(operation.local.to)],
  })
  return { links, payload }
}

/** Reads an operation object. @throws `DSV_OPERATION_CORRUPT` */
export function decodeOperation(id: ObjectId, { links, payload }: StoredObject): Operation {
  const record = openRecord(id, payload)
  const linked = (field: FieldReader): ObjectId | undefined => {
    if (!field.isPresent) return undefined
    const target = links[field.count()]
    return target === undefined
      ? field.fail('refers to a link that is not there')
      : toObjectId(target)
  }
  const head = (field: FieldReader): Head | undefined => {
    if (!field.isPresent) return undefined
    const [type, value] = field.list()
    if (value !== undefined && type?.text() === 'branch')
      return { type: 'branch', name: value.text() }
    const commit = value !== undefined && type?.text() === 'detached' ? linked(value) : undefined
    return commit === undefined
      ? field.fail('is neither a branch nor a commit')
      : { type: 'detached', commit }
  }
  return {
    id,
    type: readType(record.field('type')),
    timeMs: record.field('timeMs').count(),
    user: record.field('user').text(),
    host: record.field('host').text(),
    command: record.field('command').text(),
    description: record.field('description').text(),
    previous: linked(record.field('previous')),
    undoes: record
      .field('undoes')
      .list()
      .flatMap((each) => linked(each) ?? []),
    refs: record
      .field('refs')
      .list()
      .map((each) => {
        const [name, from, to] = each.list()
        if (name === undefined || from === undefined || to === undefined) {
          return each.fail('is not a name and two ids')
        }
        return { name: name.text(), from: linked(from), to: linked(to) }
      }),
    head: readChange(record.field('head'), head),
    local: readChange(record.field('local'), linked),
  }
}

/** Returns the object (kind `operation`) that holds a working state for the log. */
export function encodeLocalState(local: StoredObject): StoredObject {
  return {
    links: local.links,
    payload: encodeCanonical({ version: 1, type: 'local', payload: local.payload }),
  }
}

/** Reads what `encodeLocalState` made. @throws `DSV_OPERATION_CORRUPT` */
export function decodeLocalState(id: ObjectId, { links, payload }: StoredObject): StoredObject {
  const record = openRecord(id, payload)
  if (record.field('type').text() !== 'local') record.fail('is not a working state')
  return { links, payload: record.field('payload').bytes() }
}

/** Returns whether an object of kind `operation` is a log entry rather than a working state. */
export function isLogEntry(id: ObjectId, { payload }: StoredObject): boolean {
  return openRecord(id, payload).field('type').text() !== 'local'
}

function openRecord(id: ObjectId, payload: Uint8Array): FieldReader {
  const corrupt = (problem: string): Error => operationCorrupt(id, problem)
  try {
    const record = fieldReader(decodeCanonical(payload), corrupt)
    if (record.field('version').count() !== 1)
      record.fail('is of a version this release cannot read')
    return record
  } catch (error) {
    if (isDsvError(error) && error.code !== 'DSV_OPERATION_CORRUPT') {
      throw corrupt('The content is not canonical')
    }
    throw error
  }
}

function readType(field: FieldReader): OperationRecord['type'] {
  const type = field.text()
  if (type === 'change' || type === 'undo' || type === 'redo' || type === 'restore') return type
  return field.fail('is not a type of operation')
}

function readChange<Value>(
  field: FieldReader,
  read: (side: FieldReader) => Value | undefined,
): Change<Value> | undefined {
  if (!field.isPresent) return undefined
  const [from, to] = field.list()
  if (from === undefined || to === undefined) return field.fail('is not a value before and after')
  return { from: read(from), to: read(to) }
}
