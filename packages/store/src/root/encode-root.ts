import { rootCorrupt, repositoryNewer } from '../errors.ts'
import { deriveKeyHash } from '../hash/blake3.ts'
import { idToBytes, type ObjectId, toObjectId } from '../hash/object-id.ts'
import { FORMAT_VERSION } from '../layout.ts'
import { decodeCanonical, encodeCanonical } from '../object/canonical.ts'
import type { StoredObject } from '../object/object-store.ts'
import { isDsvError } from '../dsv-error.ts'
import { type FieldReader, fieldReader, joinIds } from './field-reader.ts'
import { checkRefName } from './ref-name.ts'
import { isSettingName, type RepositorySettings } from './repository-settings.ts'
import type { CondemnedFile, Head, RootRecord } from './root-record.ts'

/** `DSVROOT` and a line feed, then the version as one byte, the hash of the rest, the rest. */
const MAGIC = Buffer.from('DSVROOT\n', 'latin1')
const HASH_AT = MAGIC.length + 1
const BODY_AT = HASH_AT + 32
const HASH_CONTEXT = 'dsv root v1'
/** How large a root record may be. */
export const MAX_ROOT_BYTES: number = 64 * 1024 * 1024
/** What is said of one that is larger. */
export const ROOT_TOO_LARGE = 'The file is larger than 64 MiB'

/** Returns the bytes of a root record that is about to be written: one that cannot be read would end a repository. */
export function encodeReadableRoot(root: RootRecord): Uint8Array {
  const bytes = encodeRoot(root)
  try {
    decodeRoot(bytes, 'the new root')
  } catch (error) {
    throw new Error('A root record that cannot be read is not written', { cause: error })
  }
  return bytes
}

/** Returns the bytes of a root record; the same record gives the same bytes. */
export function encodeRoot(root: RootRecord): Uint8Array {
  const body = encodeCanonical({
    repositoryId: root.repositoryId,
    generation: root.generation,
    refs: [...root.refs]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, id]) => [name, idToBytes(id)]),
    head: root.head === undefined ? null : encodeHead(root.head),
    local: root.local === undefined ? null : encodeStored(root.local),
    operationHead: root.operationHead === undefined ? null : idToBytes(root.operationHead),
    fragments: [...root.fragments].toSorted(),
    condemned: root.condemned.map(({ path, sinceMs, isDoomed }) => [path, sinceMs, isDoomed]),
    gcEpoch: root.gcEpoch,
    txid: root.txid,
    settings: { ...root.settings },
  })
  return Buffer.concat([MAGIC, Buffer.of(FORMAT_VERSION), deriveKeyHash(HASH_CONTEXT, body), body])
}

/**
 * Reads a root record and checks all of it.
 *
 * @throws `DSV_ROOT_CORRUPT`, `DSV_REPOSITORY_NEWER`
 */
export function decodeRoot(bytes: Uint8Array, location: string): RootRecord {
  const corrupt = (problem: string): Error => rootCorrupt(location, problem)
  if (bytes.length < BODY_AT || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) {
    throw corrupt('The file is not a root record')
  }
  if (bytes.length > MAX_ROOT_BYTES) throw corrupt(ROOT_TOO_LARGE)
  const version = bytes[MAGIC.length] ?? 0
  if (version > FORMAT_VERSION) throw repositoryNewer(location, version, FORMAT_VERSION)
  const body = bytes.subarray(BODY_AT)
  if (version < 1 || !isChecked(body, bytes.subarray(HASH_AT, BODY_AT))) {
    throw corrupt('The checksum does not match')
  }
  return readRoot(fieldReader(decodeBody(body, corrupt), corrupt))
}

function isChecked(body: Uint8Array, checksum: Uint8Array): boolean {
  return Buffer.from(deriveKeyHash(HASH_CONTEXT, body)).equals(checksum)
}

function decodeBody(body: Uint8Array, corrupt: (problem: string) => Error): unknown {
  try {
    return decodeCanonical(body)
  } catch (error) {
    if (isDsvError(error)) throw corrupt('The content is not canonical')
    throw error
  }
}

function readRoot(record: FieldReader): RootRecord {
  const operation = record.field('operationHead')
  const head = record.field('head')
  const local = record.field('local')
  return {
    repositoryId: record.field('repositoryId').text(),
    generation: record.field('generation').count(),
    refs: readRefs(record.field('refs')),
    head: head.isPresent ? readHead(head) : undefined,
    local: local.isPresent ? readStored(local) : undefined,
    operationHead: operation.isPresent ? toObjectId(operation.id()) : undefined,
    fragments: record.field('fragments').list().map(readFileName),
    condemned: record.field('condemned').list().map(readCondemned),
    gcEpoch: record.field('gcEpoch').count(),
    txid: record.field('txid').text(),
    settings: readSettings(record.field('settings')),
  }
}

function readRefs(field: FieldReader): Map<string, ObjectId> {
  const refs = new Map<string, ObjectId>()
  for (const pair of field.list()) {
    const [name, id] = pair.list()
    if (name === undefined || id === undefined) return pair.fail('is not a name and an id')
    if (!isRefName(name.text())) name.fail('is not the name of a ref')
    if (refs.has(name.text())) name.fail('is there twice')
    refs.set(name.text(), toObjectId(id.id()))
  }
  return refs
}

function isRefName(name: string): boolean {
  try {
    checkRefName(name)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_REF_NAME_INVALID')) return false
    throw error
  }
}

/** Names become paths, so they must not leave their folder. */
function readFileName(field: FieldReader): string {
  return /^[0-9A-Za-z_-]{1,128}$/.test(field.text()) ? field.text() : field.fail('is not a name')
}

function readCondemned(field: FieldReader): CondemnedFile {
  const [path, sinceMs, isDoomed] = field.list()
  if (path === undefined || sinceMs === undefined || isDoomed === undefined) {
    return field.fail('is not a path, a time and a state')
  }
  if (!/^objects\/(?:pack|index|condemned)\/[0-9A-Za-z_.-]{1,128}$/.test(path.text())) {
    path.fail('is not a path that gc condemns')
  }
  return { path: path.text(), sinceMs: sinceMs.count(), isDoomed: isDoomed.boolean() }
}

function readSettings(field: FieldReader): Partial<RepositorySettings> {
  const settings: Partial<Record<keyof RepositorySettings, number>> = {}
  for (const name of field.names()) {
    if (isSettingName(name)) settings[name] = field.field(name).count()
  }
  return settings
}

function encodeHead(head: Head): readonly (string | Uint8Array)[] {
  return head.type === 'branch' ? ['branch', head.name] : ['detached', idToBytes(head.commit)]
}

function readHead(field: FieldReader): Head {
  const [type, value] = field.list()
  if (value !== undefined && type?.text() === 'branch') {
    if (!isRefName(value.text())) value.fail('is not the name of a ref')
    return { type: 'branch', name: value.text() }
  }
  if (value !== undefined && type?.text() === 'detached') {
    return { type: 'detached', commit: toObjectId(value.id()) }
  }
  return field.fail('is neither a branch nor a commit')
}

function encodeStored(object: StoredObject): readonly Uint8Array[] {
  return [joinIds(object.links), object.payload]
}

function readStored(field: FieldReader): StoredObject {
  const [links, payload] = field.list()
  if (links === undefined || payload === undefined) return field.fail('is not links and payload')
  return { links: links.ids(), payload: payload.bytes() }
}
