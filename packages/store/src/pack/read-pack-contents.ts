import type { StorageDriver } from '../driver/storage-driver.ts'
import { packCorrupt, storageNotFound } from '../errors.ts'
import { hashBlob, hashObject } from '../hash/blake3.ts'
import { type AnyId, idFromBytes, toBlobId, toObjectId } from '../hash/object-id.ts'
import { decodeChunkList } from './chunk-list.ts'
import { decompressPayload } from './entry-codec.ts'
import { type EntryKind, kindFromByte } from './entry-kind.ts'
import {
  decodeEntryHeader,
  decodeTail,
  PACK_MAGIC,
  readTableLine,
  TABLE_STRIDE,
  type TableLine,
  TAIL_BYTES,
} from './pack-format.ts'
import { packPath } from './storage-layout.ts'

/** One entry of a pack. */
export interface PackEntry {
  readonly id: AnyId
  readonly kind: EntryKind
  readonly codec: number
  /** Of the stored payload in the pack. */
  readonly offset: number
  readonly storedLength: number
  readonly rawLength: number
}

/** What a pack holds. */
export interface PackContents {
  readonly packId: string
  readonly sizeBytes: number
  /** In the order of their ids, or of the file when it was scanned. */
  readonly entries: readonly PackEntry[]
  /** What was wrong with the table, when the entries come from a scan of the file. */
  readonly damage: string | undefined
}

/**
 * Returns what a pack holds: from its table in one or two reads, or, when the table is damaged, by
 * reading the entries from the front and hashing each, up to the first that is damaged.
 *
 * @throws `DSV_STORAGE_NOT_FOUND`, `DSV_PACK_CORRUPT` when it is no pack at all
 */
export async function readPackContents(
  driver: StorageDriver,
  packId: string,
): Promise<PackContents> {
  const path = packPath(packId)
  const sizeBytes = await driver.sizeOf(path)
  if (sizeBytes === undefined) throw storageNotFound(driver.location, path)
  const table = await readTable(driver, packId, sizeBytes)
  if (typeof table !== 'string') return { packId, sizeBytes, entries: table, damage: undefined }
  const head = await driver.readRange(path, 0, PACK_MAGIC.length)
  if (!PACK_MAGIC.equals(head)) throw packCorrupt(path, 'it does not begin like a pack')
  return { packId, sizeBytes, entries: await scanPack(driver, path, sizeBytes), damage: table }
}

const TAIL_GUESS_BYTES = 64 * 1024

/** Returns the entries, or what is wrong with the table. */
async function readTable(
  driver: StorageDriver,
  packId: string,
  sizeBytes: number,
): Promise<readonly PackEntry[] | string> {
  const path = packPath(packId)
  const guess = asBuffer(await driver.readRange(path, -TAIL_GUESS_BYTES, TAIL_GUESS_BYTES))
  const tail = guess.length < TAIL_BYTES ? undefined : decodeTail(guess.subarray(-TAIL_BYTES))
  if (tail === undefined) return 'it is cut off'
  const length = tail.count * TABLE_STRIDE
  const start = sizeBytes - TAIL_BYTES - length
  if (start < PACK_MAGIC.length) return 'its table is longer than the file'
  const table =
    guess.length >= TAIL_BYTES + length
      ? guess.subarray(guess.length - TAIL_BYTES - length, guess.length - TAIL_BYTES)
      : asBuffer(await driver.readRange(path, start, length))
  if (hashBlob(table) !== packId || tail.packId !== packId) {
    return 'its table does not match its name'
  }
  const entries: PackEntry[] = []
  for (let at = 0; at < table.length; at += TABLE_STRIDE) {
    const line = readTableLine(table, at)
    const kind = kindFromByte(line.kind)
    if (kind === undefined || line.offset + line.storedLength > start) {
      return 'its table does not make sense'
    }
    entries.push({ ...line, kind, id: brand(kind, idFromBytes(table, at)) })
  }
  return entries
}

const WINDOW_BYTES = 1024 * 1024

async function scanPack(
  driver: StorageDriver,
  path: string,
  sizeBytes: number,
): Promise<readonly PackEntry[]> {
  const entries: PackEntry[] = []
  let window: Buffer = Buffer.alloc(0)
  let windowAt = 0
  async function read(offset: number, length: number): Promise<Buffer> {
    if (offset < windowAt || offset + length > windowAt + window.length) {
      window = asBuffer(await driver.readRange(path, offset, Math.max(length, WINDOW_BYTES)))
      windowAt = offset
    }
    return window.subarray(offset - windowAt, offset - windowAt + length)
  }
  for (let at = PACK_MAGIC.length; at < sizeBytes;) {
    const header = decodeEntryHeader(await read(at, 18), 0)
    if (header === undefined) break
    const line = { ...header, offset: at + header.offset }
    if (line.offset + line.storedLength > sizeBytes) break
    const entry = identify(line, await read(line.offset, line.storedLength))
    if (entry === undefined) break
    entries.push(entry)
    at = line.offset + line.storedLength
  }
  return entries
}

/** An id cannot be wrong here; bytes that are no entry can only give an id that nobody asks for. */
function identify(line: TableLine, stored: Buffer): PackEntry | undefined {
  const kind = kindFromByte(line.kind)
  if (kind === undefined || line.rawLength > MOST_RAW_BYTES) return undefined
  const raw = decompressPayload(line.codec, stored, line.rawLength)
  if (raw === undefined) return undefined
  if (kind === 'blob') return { ...line, kind, id: hashBlob(raw) }
  if (kind !== 'chunks') return { ...line, kind, id: hashObject(kind, raw) }
  const list = decodeChunkList(raw)
  return list && { ...line, kind, id: list.blobId }
}

/** No entry is larger when it is not compressed; a damaged length must not fill the memory. */
const MOST_RAW_BYTES = 512 * 1024 * 1024

function brand(kind: EntryKind, id: string): AnyId {
  return kind === 'blob' || kind === 'chunks' ? toBlobId(id) : toObjectId(id)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
