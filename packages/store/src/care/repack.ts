import { isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { objectCorrupt } from '../errors.ts'
import { hashBlob, hashObject } from '../hash/blake3.ts'
import type { AnyId } from '../hash/object-id.ts'
import { decodeChunkList } from '../pack/chunk-list.ts'
import { decompressPayload } from '../pack/entry-codec.ts'
import { PackWriter } from '../pack/pack-writer.ts'
import type { PackEntry } from '../pack/read-pack-contents.ts'
import { packPath } from '../pack/storage-layout.ts'
import type { FragmentEntry } from '../pack/write-index-fragment.ts'

/** Entries of one pack that are to be written again. */
export interface EntriesToMove {
  readonly packId: string
  readonly entries: readonly PackEntry[]
}

/** Bytes of a pack that are read at once; larger packs are read entry by entry. */
const WHOLE_PACK_BYTES = 128 * 1024 * 1024

/**
 * Writes entries of several packs into new ones, media and metadata apart, and returns where they are
 * now. Every payload is checked against its id. The caller flushes.
 *
 * @throws `DSV_OBJECT_CORRUPT` and what the storage throws
 */
export async function repackEntries(
  driver: StorageDriver,
  moves: Iterable<EntriesToMove>,
  targetBytes: number,
): Promise<FragmentEntry[]> {
  const outputs = new Map(
    [false, true].map((isMedia) => [isMedia, packOutput(driver, targetBytes)]),
  )
  try {
    for (const { packId, entries } of moves) {
      const read = await payloadReader(driver, packId)
      for (const entry of entries) {
        const output = outputs.get(entry.kind === 'blob')
        await output?.append(entry, await readPayload(read, entry))
      }
    }
    const placed: FragmentEntry[] = []
    for (const output of outputs.values()) for (const each of await output.end()) placed.push(each)
    return placed
  } finally {
    for (const output of outputs.values()) output.discard()
  }
}

/** Reads bytes of one pack. */
export type RangeReader = (offset: number, length: number) => Promise<Uint8Array>

/** Returns a reader of a pack that makes one request where the pack fits in memory. */
export async function payloadReader(driver: StorageDriver, packId: string): Promise<RangeReader> {
  const path = packPath(packId)
  const isFar = driver.localFolder === undefined
  const sizeBytes = isFar ? ((await driver.sizeOf(path)) ?? 0) : 0
  if (!isFar || sizeBytes > WHOLE_PACK_BYTES) {
    return (offset, length) => driver.readRange(path, offset, length)
  }
  const whole = await driver.read(path)
  return async (offset, length) => whole.subarray(offset, offset + length)
}

/** Reads a payload and checks it against its id. @throws `DSV_OBJECT_CORRUPT` */
export async function readPayload(read: RangeReader, entry: PackEntry): Promise<Uint8Array> {
  const stored = await read(entry.offset, entry.storedLength)
  const raw = decompressPayload(entry.codec, stored, entry.rawLength)
  if (raw === undefined) throw objectCorrupt(entry.id, 'its entry cannot be read')
  const actual = idOf(entry, raw)
  if (actual !== entry.id) throw objectCorrupt(entry.id, `its bytes hash to ${actual}`, { actual })
  return raw
}

function idOf(entry: PackEntry, raw: Uint8Array): AnyId | undefined {
  if (entry.kind === 'blob') return hashBlob(raw)
  return entry.kind === 'chunks' ? decodeChunkList(raw)?.blobId : hashObject(entry.kind, raw)
}

interface PackOutput {
  append(entry: PackEntry, raw: Uint8Array): Promise<void>
  /** Ends the last pack and returns where everything is. */
  end(): Promise<readonly FragmentEntry[]>
  discard(): void
}

function packOutput(driver: StorageDriver, targetBytes: number): PackOutput {
  const placed: FragmentEntry[] = []
  let writer: PackWriter | undefined
  let open: Omit<FragmentEntry, 'packId'>[] = []

  async function complete(): Promise<void> {
    if (writer === undefined) return
    const { packId, temporary } = await writer.complete()
    if (temporary !== undefined && isFolderDriver(driver)) {
      await driver.flush()
      driver.adopt(temporary, packPath(packId))
    }
    for (const entry of open) placed.push({ ...entry, packId })
    writer = undefined
    open = []
  }
  return {
    append: async ({ id, kind }, raw) => {
      writer ??= new PackWriter(driver)
      open.push({ ...writer.append(kind, id, raw), id, kind })
      if (writer.sizeBytes >= targetBytes) await complete()
    },
    end: async () => {
      await complete()
      return placed
    },
    discard: () => writer?.discard(),
  }
}
