import type { StorageDriver } from '../driver/storage-driver.ts'
import { packCorrupt } from '../errors.ts'
import { giveWay } from '../give-way.ts'
import { packPath } from '../layout.ts'
import { kindToByte } from '../pack/entry-kind.ts'
import {
  decodeTail,
  encodeEntryHeader,
  PACK_MAGIC,
  TABLE_STRIDE,
  TAIL_BYTES,
} from '../pack/pack-format.ts'
import { type PackEntry, readPackContents } from '../pack/read-pack-contents.ts'
import { payloadReader, readPayload } from './repack.ts'

/** No payload of a pack needs more memory than this when it is unpacked, and all together more time. */
const MOST_RAW_BYTES = 64 * 1024 * 1024
const MOST_RAW_BYTES_OF_ALL = 4 * 1024 * 1024 * 1024
const MOST_ENTRIES = 1_000_000

/**
 * Checks a pack that a stranger gave: its name, that entries lie one behind the other up to the table,
 * each once, and that every payload matches its id. Reads all of it; holds one payload and the table.
 *
 * @throws `DSV_PACK_CORRUPT`, `DSV_OBJECT_CORRUPT`, `DSV_STORAGE_NOT_FOUND`
 */
export async function checkIncomingPack(driver: StorageDriver, packId: string): Promise<void> {
  const path = packPath(packId)
  const tail = Buffer.from(await driver.readRange(path, -TAIL_BYTES, TAIL_BYTES))
  if ((decodeTail(tail)?.count ?? 0) > MOST_ENTRIES)
    throw packCorrupt(path, 'it has too many entries')
  const { entries, damage, sizeBytes } = await readPackContents(driver, packId)
  if (damage !== undefined) throw packCorrupt(path, damage)
  if (hasRepetition(entries)) throw packCorrupt(path, 'its table is not sorted')
  const read = await payloadReader(driver, packId)
  if (!PACK_MAGIC.equals(await read(0, PACK_MAGIC.length))) {
    throw packCorrupt(path, 'it does not begin like a pack')
  }
  let at = PACK_MAGIC.length
  let rawBytes = 0
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const header = headerOf(entry)
    if (entry.offset !== at + header.length) throw packCorrupt(path, 'its entries have gaps')
    if (!header.equals(await read(at, header.length))) {
      throw packCorrupt(path, 'an entry says other than the table')
    }
    rawBytes += entry.rawLength
    if (entry.rawLength > MOST_RAW_BYTES || rawBytes > MOST_RAW_BYTES_OF_ALL) {
      throw packCorrupt(path, 'an entry is too large')
    }
    await readPayload(read, entry)
    at = entry.offset + entry.storedLength
    await giveWay()
  }
  if (at !== sizeBytes - TAIL_BYTES - TABLE_STRIDE * entries.length) {
    throw packCorrupt(path, 'something lies before its table')
  }
}

function hasRepetition(entries: readonly PackEntry[]): boolean {
  return entries.some(({ id }, at) => {
    const before = entries[at - 1]
    return before !== undefined && before.id >= id
  })
}

function headerOf({ kind, codec, rawLength, storedLength }: PackEntry): Buffer {
  return encodeEntryHeader(kindToByte(kind), codec, rawLength, storedLength)
}
