import type { StorageDriver } from '../driver/storage-driver.ts'
import { isDsvError } from '../dsv-error.ts'
import { objectCorrupt, objectNotFound, packCorrupt } from '../errors.ts'
import { giveWay } from '../give-way.ts'
import { createBlobHasher } from '../hash/blake3.ts'
import { indexPath, packPath } from '../layout.ts'
import { type ClosableObjectReader, openObjectReader } from '../object/object-reader.ts'
import { decodeObject } from '../object/object-envelope.ts'
import { decodeChunkList } from '../pack/chunk-list.ts'
import { kindFromByte } from '../pack/entry-kind.ts'
import { ENTRY_BYTES, type EntryPlace, PREFIX_BYTES, readEntryPlace } from '../pack/index-format.ts'
import { type IndexFragment, openIndexFragment, type PageCache } from '../pack/index-fragment.ts'
import { OpenFiles } from '../pack/open-files.ts'
import { type PackEntry, readPackContents } from '../pack/read-pack-contents.ts'
import { readPayload } from './repack.ts'

/** The live index fragments before and after a change of the root. */
export interface IncomingIndex {
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Whether links may lead to what is not there, as in a partial repository. */
  readonly isPartial: boolean
  /** Whether entries may go, as after a collection of garbage. */
  readonly mayLose: boolean
}

/**
 * Checks an index that a stranger wants to make live: nothing that was found before is lost, every new
 * entry says what the table of its pack says, and all that new objects refer to is there. Packs count
 * as checked (see `checkIncomingPack`). Cost follows the fragments that are not in both.
 *
 * @throws `DSV_PACK_CORRUPT`, `DSV_OBJECT_CORRUPT`, `DSV_OBJECT_NOT_FOUND`, `DSV_STORAGE_NOT_FOUND`
 */
export async function checkIncomingIndex(
  driver: StorageDriver,
  index: IncomingIndex,
): Promise<void> {
  const files = new OpenFiles(driver)
  const cache: PageCache = new Map()
  async function open(
    names: readonly string[],
    mayMiss: boolean,
  ): Promise<readonly IndexFragment[]> {
    const opened: IndexFragment[] = []
    for (const name of names) {
      try {
        opened.push(await openIndexFragment(files, cache, name))
      } catch (error) {
        if (!mayMiss || !isDsvError(error)) throw error
      }
    }
    return opened
  }
  const reader = openObjectReader(driver, {
    current: () => index.after,
    reload: async () => index.after,
  })
  try {
    // With the right to lose entries goes that to replace damaged fragments.
    const before = await open(index.before, index.mayLose)
    const after = await open(index.after, false)
    for (const fragment of before) {
      if (index.mayLose || index.after.includes(fragment.name)) continue
      await checkKept(fragment, after)
    }
    const fresh: FreshEntry[] = []
    for (const fragment of after) {
      if (index.before.includes(fragment.name)) continue
      fresh.push(...(await checkFragment(driver, fragment, before)))
    }
    const { isPartial } = index
    for (const entry of fresh) await checkLinks({ driver, reader, isPartial }, entry)
  } finally {
    reader.close()
    files.close()
  }
}

/** An entry that was not live before, with where it lies. */
interface FreshEntry {
  readonly packId: string
  readonly entry: PackEntry
}

interface LinkCheck {
  readonly driver: StorageDriver
  readonly reader: ClosableObjectReader
  readonly isPartial: boolean
}

/** One entry of a fragment, with its id as far as the fragment has it: 32 bytes, the last 16 zero. */
interface FoundEntry {
  readonly key: Buffer
  readonly place: EntryPlace
}

async function* entriesOf(fragment: IndexFragment): AsyncGenerator<FoundEntry> {
  for (let page = 0; page < fragment.pages; page += 1) {
    await giveWay()
    const bytes = await fragment.readPage(page)
    for (let index = 0; index < fragment.entriesOn(page); index += 1) {
      const at = index * ENTRY_BYTES
      const key = Buffer.alloc(2 * PREFIX_BYTES)
      bytes.copy(key, 0, at, at + PREFIX_BYTES)
      yield { key, place: readEntryPlace(bytes, at) }
    }
  }
}

async function checkKept(lost: IndexFragment, after: readonly IndexFragment[]): Promise<void> {
  for await (const { key } of entriesOf(lost)) {
    if ((await findIn(after, key)).length === 0) {
      throw packCorrupt(indexPath(lost.name), 'no new fragment has all of its entries')
    }
  }
}

/** Returns the entries that were not live before. */
async function checkFragment(
  driver: StorageDriver,
  fragment: IndexFragment,
  before: readonly IndexFragment[],
): Promise<FreshEntry[]> {
  const path = indexPath(fragment.name)
  const byPack = new Map<string, FoundEntry[]>()
  let previous: Buffer | undefined
  for await (const entry of entriesOf(fragment)) {
    if (previous !== undefined && previous.compare(entry.key) >= 0) {
      throw packCorrupt(path, 'its entries are not sorted')
    }
    previous = entry.key
    // Readers find entries through the table of first bytes, so it must lead to each.
    if ((await fragment.find(entry.key)) === undefined) {
      throw packCorrupt(path, 'its table of first bytes is wrong')
    }
    const packId = fragment.packs[entry.place.pack]
    if (packId === undefined) throw packCorrupt(path, 'an entry names no pack')
    const isKnown = (await findIn(before, entry.key)).some(
      (known) => known.packId === packId && isSamePlace(known.place, entry.place),
    )
    if (isKnown) continue
    const entries = byPack.get(packId) ?? []
    entries.push(entry)
    byPack.set(packId, entries)
  }
  const fresh: FreshEntry[] = []
  for (const [packId, entries] of byPack) {
    fresh.push(...(await entriesInPack(driver, { packId, entries, path })))
  }
  return fresh
}

interface PackedEntries {
  readonly packId: string
  readonly entries: readonly FoundEntry[]
  /** Of the fragment, for messages. */
  readonly path: string
}

async function entriesInPack(
  driver: StorageDriver,
  { packId, entries, path }: PackedEntries,
): Promise<FreshEntry[]> {
  const contents = await readPackContents(driver, packId)
  if (contents.damage !== undefined) throw packCorrupt(packPath(packId), contents.damage)
  const byOffset = new Map(contents.entries.map((entry) => [entry.offset, entry]))
  return entries.map(({ key, place }) => {
    const entry = byOffset.get(place.offset)
    const isRight =
      entry !== undefined &&
      kindFromByte(place.kind) === entry.kind &&
      isSameLength(place, entry) &&
      entry.id.startsWith(key.toString('hex', 0, PREFIX_BYTES))
    if (!isRight) throw packCorrupt(path, `an entry is not what the pack ${packId} has`)
    return { packId, entry }
  })
}

async function findIn(
  fragments: readonly IndexFragment[],
  key: Buffer,
): Promise<readonly { readonly packId: string | undefined; readonly place: EntryPlace }[]> {
  const found: { readonly packId: string | undefined; readonly place: EntryPlace }[] = []
  for (const fragment of fragments) {
    const place = await fragment.find(key)
    if (place !== undefined) found.push({ packId: fragment.packs[place.pack], place })
  }
  return found
}

function isSamePlace(a: EntryPlace, b: EntryPlace): boolean {
  return a.offset === b.offset && a.kind === b.kind && isSameLength(a, b)
}

type Lengths = Pick<EntryPlace, 'storedLength' | 'rawLength' | 'codec'>

function isSameLength(a: Lengths, b: Lengths): boolean {
  return a.storedLength === b.storedLength && a.rawLength === b.rawLength && a.codec === b.codec
}

/** Of an operation only what matters to its writer may be gone, so its links are not looked at. */
async function checkLinks(
  { driver, reader, isPartial }: LinkCheck,
  { packId, entry }: FreshEntry,
): Promise<void> {
  const { id, kind } = entry
  if (kind === 'blob' || kind === 'operation') return
  const payload = await readPayload((at, length) => readIn(driver, packId, at, length), entry)
  if (kind === 'chunks') return checkChunks(reader, payload, isPartial)
  if (isPartial) return
  for (const link of decodeObject(payload, id).links) {
    if (!(await reader.has(link))) throw objectNotFound(`What ${kind} ${id} needs`, 'object', link)
  }
  await giveWay()
}

async function readIn(
  driver: StorageDriver,
  packId: string,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  return driver.readRange(packPath(packId), offset, length)
}

/** Chunks are cut at 4 MiB; more than this is no chunk. */
const MOST_CHUNK_BYTES = 64 * 1024 * 1024

/** Only all chunks together show whether a list is that of its blob. */
async function checkChunks(
  reader: ClosableObjectReader,
  payload: Uint8Array,
  isPartial: boolean,
): Promise<void> {
  const list = decodeChunkList(payload)
  if (list === undefined) throw new Error('A list of chunks was read before and cannot be now.')
  const hasher = createBlobHasher()
  for (const { blobId, sizeBytes } of list.chunks) {
    const place = await reader.locate(blobId)
    if (place === undefined && isPartial) return
    const actualBytes = place?.type === 'pack' ? place.rawLength : place?.sizeBytes
    const isList = place?.type === 'pack' && place.kind !== 'blob'
    if (isList || sizeBytes > MOST_CHUNK_BYTES || (actualBytes ?? sizeBytes) !== sizeBytes) {
      throw objectCorrupt(list.blobId, 'a chunk has another size')
    }
    hasher.update(await reader.getBlob(blobId))
    await giveWay()
  }
  const actual = hasher.digest()
  if (actual !== list.blobId) throw objectCorrupt(list.blobId, `its chunks hash to ${actual}`)
}
