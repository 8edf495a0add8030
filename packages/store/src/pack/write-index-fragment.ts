import type { StorageDriver } from '../driver/storage-driver.ts'
import { type BlobHasher, createBlobHasher } from '../hash/blake3.ts'
import type { AnyId } from '../hash/object-id.ts'
import { isFolderDriver } from '../driver/folder-driver.ts'
import { type AppendFile, createAppendFile } from './append-file.ts'
import { type EntryKind, kindToByte } from './entry-kind.ts'
import type { IndexFragment } from './index-fragment.ts'
import {
  encodeIndexFooter,
  ENTRY_BYTES,
  INDEX_MAGIC,
  PAGE_BYTES,
  PAGE_ENTRIES,
  PREFIX_BYTES,
  sealPage,
  writeEntryPlace,
} from './index-format.ts'
import { sortById } from './sort-by-id.ts'
import { fragmentPath } from './storage-layout.ts'

/** One object and where it lies, for {@link writeIndexFragment}. */
export interface FragmentEntry {
  readonly id: AnyId
  readonly packId: string
  readonly kind: EntryKind
  readonly codec: number
  /** Of the stored payload in the pack. */
  readonly offset: number
  readonly storedLength: number
  readonly rawLength: number
}

/** An index fragment that was written. */
export interface WrittenFragment {
  readonly name: string
  readonly entries: number
  readonly packs: readonly string[]
}

/**
 * Writes one fragment for entries in any order; of several with one id the first counts. Holds 47 bytes
 * of memory for each. The caller flushes.
 *
 * @throws `DSV_STORAGE_FULL`, `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`
 */
export async function writeIndexFragment(
  driver: StorageDriver,
  entries: Iterable<FragmentEntry> | AsyncIterable<FragmentEntry>,
): Promise<WrittenFragment> {
  const list = createEntryList()
  for await (const entry of entries) list.add(entry)
  return writeEntryLists(driver, [list.sorted()])
}

/**
 * Writes one fragment with the entries of several; in order, so that the first counts where two hold one
 * id. Reads and writes page by page. The caller flushes.
 */
export async function mergeIndexFragments(
  driver: StorageDriver,
  first: SortedEntries,
  fragments: readonly IndexFragment[],
): Promise<WrittenFragment> {
  return writeEntryLists(driver, [first, ...fragments.map(entriesOfFragment)])
}

/** Entries in the order of their ids, in batches of whole entries. */
export interface SortedEntries {
  readonly packs: readonly string[]
  readonly batches: () => AsyncIterable<Buffer>
}

/** Collects entries compactly. */
export interface EntryList {
  add(entry: FragmentEntry): void
  count(): number
  sorted(): SortedEntries
}

/** Returns an empty {@link EntryList}. */
export function createEntryList(): EntryList {
  const packs: string[] = []
  const numbers = new Map<string, number>()
  let entries = Buffer.allocUnsafe(1024 * ENTRY_BYTES)
  let count = 0

  function numberOf(packId: string): number {
    const known = numbers.get(packId)
    if (known !== undefined) return known
    numbers.set(packId, packs.length)
    return packs.push(packId) - 1
  }
  return {
    add(entry) {
      const at = count * ENTRY_BYTES
      if (at === entries.length) {
        entries = Buffer.concat([entries, Buffer.allocUnsafe(entries.length)])
      }
      entries.write(entry.id, at, PREFIX_BYTES, 'hex')
      const pack = numberOf(entry.packId)
      writeEntryPlace(entries, at, { ...entry, pack, kind: kindToByte(entry.kind) })
      count += 1
    },
    count: () => count,
    sorted: () => ({ packs, batches: () => batchesInOrder(entries, count) }),
  }
}

async function* batchesInOrder(entries: Buffer, count: number): AsyncGenerator<Buffer> {
  const order = sortById(entries, ENTRY_BYTES, count, PREFIX_BYTES)
  for (let from = 0; from < count; from += PAGE_ENTRIES) {
    const batch = Buffer.allocUnsafe(Math.min(PAGE_ENTRIES, count - from) * ENTRY_BYTES)
    order.subarray(from, from + PAGE_ENTRIES).forEach((entry, index) => {
      entries.copy(batch, index * ENTRY_BYTES, entry * ENTRY_BYTES, (entry + 1) * ENTRY_BYTES)
    })
    yield batch
  }
}

function entriesOfFragment(fragment: IndexFragment): SortedEntries {
  return {
    packs: fragment.packs,
    batches: async function* () {
      for (let page = 0; page < fragment.pages; page += 1) {
        const bytes = await fragment.readPage(page)
        yield bytes.subarray(0, fragment.entriesOn(page) * ENTRY_BYTES)
      }
    },
  }
}

/** A place in one of the sorted lists that are merged. */
interface Cursor {
  readonly packNumbers: readonly number[]
  readonly rest: AsyncIterator<Buffer>
  batch: Buffer
  at: number
}

async function writeEntryLists(
  driver: StorageDriver,
  lists: readonly SortedEntries[],
): Promise<WrittenFragment> {
  const packs = [...new Set(lists.flatMap((list) => list.packs))]
  const numbers = new Map(packs.map((pack, index) => [pack, index]))
  const file = createAppendFile(driver)
  try {
    const output = createFragmentOutput(file)
    let cursors: Cursor[] = []
    for (const list of lists) {
      const packNumbers = list.packs.map((pack) => numbers.get(pack) ?? 0)
      const rest = list.batches()[Symbol.asyncIterator]()
      const cursor = { packNumbers, rest, batch: Buffer.alloc(0), at: 0 }
      if (await refill(cursor)) cursors.push(cursor)
    }
    while (cursors.length > 0) {
      const least = cursors.reduce((a, b) => (compareHeads(b, a) < 0 ? b : a))
      output.add(least)
      least.at += ENTRY_BYTES
      if (least.at >= least.batch.length && !(await refill(least))) {
        cursors = cursors.filter((cursor) => cursor !== least)
      }
    }
    const name = output.end(packs)
    await publish(driver, file, name)
    return { name, entries: output.entries(), packs }
  } catch (error) {
    file.discard()
    throw error
  }
}

async function publish(driver: StorageDriver, file: AppendFile, name: string): Promise<void> {
  const path = fragmentPath(name)
  await file.complete(path)
  if (!isFolderDriver(driver) || file.temporary === undefined) return
  driver.adopt(file.temporary, path)
}

async function refill(cursor: Cursor): Promise<boolean> {
  const next = await cursor.rest.next()
  if (next.done === true || next.value.length === 0) return false
  cursor.batch = next.value
  cursor.at = 0
  return true
}

function compareHeads(a: Cursor, b: Cursor): number {
  return a.batch.compare(b.batch, b.at, b.at + PREFIX_BYTES, a.at, a.at + PREFIX_BYTES)
}

interface FragmentOutput {
  add(cursor: Cursor): void
  /** Writes what is left and returns the name. */
  end(packs: readonly string[]): string
  entries(): number
}

function createFragmentOutput(file: AppendFile): FragmentOutput {
  const hasher: BlobHasher = createBlobHasher()
  const fanOut = new Uint32Array(256)
  const page = Buffer.alloc(PAGE_BYTES)
  const previous = Buffer.alloc(PREFIX_BYTES)
  let onPage = 0
  let total = 0

  function write(bytes: Uint8Array): void {
    hasher.update(bytes)
    file.append(bytes)
  }
  function endPage(): void {
    page.fill(0, onPage * ENTRY_BYTES)
    sealPage(page)
    write(page)
    onPage = 0
  }
  write(INDEX_MAGIC)
  return {
    entries: () => total,
    add({ batch, at, packNumbers }) {
      if (total > 0 && batch.compare(previous, 0, PREFIX_BYTES, at, at + PREFIX_BYTES) === 0) return
      const target = onPage * ENTRY_BYTES
      batch.copy(page, target, at, at + ENTRY_BYTES)
      const pack = packNumbers[batch.readUInt32LE(at + PREFIX_BYTES)]
      if (pack === undefined) throw new Error('An index entry names a pack that is not listed.')
      page.writeUInt32LE(pack, target + PREFIX_BYTES)
      page.copy(previous, 0, target, target + PREFIX_BYTES)
      const first = page[target] ?? 0
      fanOut[first] = (fanOut[first] ?? 0) + 1
      total += 1
      onPage += 1
      if (onPage === PAGE_ENTRIES) endPage()
    },
    end(packs) {
      if (onPage > 0) endPage()
      for (let byte = 1; byte < 256; byte += 1) {
        fanOut[byte] = (fanOut[byte] ?? 0) + (fanOut[byte - 1] ?? 0)
      }
      write(encodeIndexFooter({ fanOut, entries: total, packs }))
      return hasher.digest()
    },
  }
}
