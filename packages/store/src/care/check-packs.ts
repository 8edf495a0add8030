import type { StorageDriver } from '../driver/storage-driver.ts'
import { isDsvError } from '../dsv-error.ts'
import { createBlobHasher } from '../hash/blake3.ts'
import { type AnyId, toBlobId } from '../hash/object-id.ts'
import { BLOB_PREFIX, blobIdOfPath, indexPath, packPath } from '../layout.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import { kindToByte } from '../pack/entry-kind.ts'
import { encodeEntryHeader, PACK_MAGIC } from '../pack/pack-format.ts'
import { type PackContents, type PackEntry, readPackContents } from '../pack/read-pack-contents.ts'
import type { Finding } from './finding.ts'
import { payloadReader, type RangeReader, readPayload } from './repack.ts'

/**
 * Checks that an index fragment is the bytes that its name says.
 *
 * @yields one finding, or none
 */
export async function* checkFragment(driver: StorageDriver, name: string): AsyncGenerator<Finding> {
  const path = indexPath(name)
  const sizeBytes = await driver.sizeOf(path)
  if (sizeBytes === undefined) {
    const message = `The index fragment ${name} is missing`
    yield { severity: 'error', code: 'fragment-missing', message, path }
  } else if ((await hashFile(driver, path, sizeBytes)) !== name) {
    const message = `The index fragment ${name} is damaged`
    yield { severity: 'error', code: 'fragment-corrupt', message, path }
  }
}

const PIECE_BYTES = 1024 * 1024

async function hashFile(driver: StorageDriver, path: string, sizeBytes: number): Promise<string> {
  const hasher = createBlobHasher()
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    hasher.update(await driver.readRange(path, at, PIECE_BYTES))
  }
  return hasher.digest()
}

/** What {@link checkPack} looks at beside the table of the pack. */
export interface PackCheck {
  readonly reader: ClosableObjectReader
  /** Tells which payloads are read; undefined for none. */
  readonly isRead: ((id: AnyId) => boolean) | undefined
  /** Is told of every payload that does not match its id. */
  readonly onBroken: (id: AnyId, message: string) => void
  /** Is told when the table cannot be read, so that nobody knows what was in the pack. */
  readonly onUnreadable: () => void
}

/**
 * Checks a pack, and that the index says what its table says.
 *
 * @yields one finding for each thing that is wrong
 */
export async function* checkPack(
  driver: StorageDriver,
  packId: string,
  check: PackCheck,
): AsyncGenerator<Finding> {
  const path = packPath(packId)
  const contents = await tryRead(driver, packId)
  if (typeof contents === 'string') {
    const code = contents === 'is missing' ? 'pack-missing' : 'pack-corrupt'
    yield { severity: 'error', code, message: `The pack ${packId} ${contents}`, path }
    check.onUnreadable()
    return
  }
  if (contents.damage !== undefined) {
    const message = `The pack ${packId} is damaged: ${contents.damage}`
    yield { severity: 'error', code: 'pack-corrupt', message, path }
  }
  for (const entry of contents.entries) {
    const place = await check.reader.locate(entry.id)
    if (place?.type !== 'pack' || place.packId !== packId || isSamePlace(place, entry)) continue
    const message = `The index has ${entry.id} elsewhere than the pack ${packId}`
    yield { severity: 'error', code: 'index-wrong', message, id: entry.id, path }
  }
  if (check.isRead !== undefined)
    yield* checkBytes(driver, contents, { ...check, isRead: check.isRead })
}

async function tryRead(driver: StorageDriver, packId: string): Promise<PackContents | string> {
  try {
    return await readPackContents(driver, packId)
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) return 'is missing'
    if (isDsvError(error)) return `is damaged: ${error.message}`
    throw error
  }
}

function isSamePlace(place: Omit<PackEntry, 'id'>, entry: PackEntry): boolean {
  return (
    place.offset === entry.offset &&
    place.storedLength === entry.storedLength &&
    place.rawLength === entry.rawLength &&
    place.kind === entry.kind &&
    place.codec === entry.codec
  )
}

async function* checkBytes(
  driver: StorageDriver,
  { packId, entries }: PackContents,
  check: PackCheck & { readonly isRead: (id: AnyId) => boolean },
): AsyncGenerator<Finding> {
  const path = packPath(packId)
  const read = await payloadReader(driver, packId)
  const isMagic = PACK_MAGIC.equals(await read(0, PACK_MAGIC.length))
  let isSound = isMagic
  for (const entry of entries) {
    if (!check.isRead(entry.id)) continue
    isSound &&= await hasHeader(read, entry)
    const problem = await payloadProblem(read, entry)
    if (problem !== undefined) check.onBroken(entry.id, problem)
  }
  if (isSound) return
  const message = `The pack ${packId} is damaged between its entries`
  yield { severity: 'error', code: 'pack-corrupt', message, path }
}

/** The index does not need the header before a payload; a rebuild of the index does. */
async function hasHeader(read: RangeReader, entry: PackEntry): Promise<boolean> {
  const { codec, rawLength, storedLength } = entry
  const header = encodeEntryHeader(kindToByte(entry.kind), codec, rawLength, storedLength)
  return header.equals(await read(entry.offset - header.length, header.length))
}

async function payloadProblem(read: RangeReader, entry: PackEntry): Promise<string | undefined> {
  try {
    await readPayload(read, entry)
    return undefined
  } catch (error) {
    if (isDsvError(error, 'DSV_OBJECT_CORRUPT')) return error.message
    throw error
  }
}

/** Reads blob files and calls `onBroken` for each that does not match its name. */
export async function checkBlobFiles(
  driver: StorageDriver,
  { isRead, onBroken }: Omit<PackCheck, 'reader' | 'onUnreadable'>,
): Promise<void> {
  for await (const { path, sizeBytes } of driver.list(BLOB_PREFIX)) {
    const text = blobIdOfPath(path)
    if (text === undefined || isRead?.(toBlobId(text)) !== true) continue
    const actual = await hashFile(driver, path, sizeBytes)
    if (actual !== text) onBroken(toBlobId(text), `The blob file ${path} hashes to ${actual}`)
  }
}
