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
    const check: FragmentCheck = { driver, reader, before, isPartial: index.isPartial }
    for (const fragment of after) {
      if (!index.before.includes(fragment.name)) await checkFragment(check, fragment)
    }
  } finally {
    reader.close()
    files.close()
  }
}

interface FragmentCheck {
  readonly driver: StorageDriver
  /** Over the new index. */
  readonly reader: ClosableObjectReader
  readonly before: readonly IndexFragment[]
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

async function checkFragment(check: FragmentCheck, fragment: IndexFragment): Promise<void> {
  for (const [packId, count] of await countFresh(check, fragment)) {
    await checkEntriesOf(check, fragment, { packId, count })
  }
}

/** Returns for each pack how many entries name it that were not live before. */
async function countFresh(
  { before }: FragmentCheck,
  fragment: IndexFragment,
): Promise<ReadonlyMap<string, number>> {
  const path = indexPath(fragment.name)
  const counts = new Map<string, number>()
  let previous: Buffer | undefined
  for await (const { key, place } of entriesOf(fragment)) {
    if (previous !== undefined && previous.compare(key) >= 0) {
      throw packCorrupt(path, 'its entries are not sorted')
    }
    previous = key
    // Readers find entries through the table of first bytes, so it must lead to each.
    if ((await fragment.find(key)) === undefined) {
      throw packCorrupt(path, 'its table of first bytes is wrong')
    }
    const packId = fragment.packs[place.pack]
    if (packId === undefined) throw packCorrupt(path, 'an entry names no pack')
    if (await isKnown(before, key, { packId, place })) continue
    counts.set(packId, (counts.get(packId) ?? 0) + 1)
  }
  return counts
}

/**
 * Looks up every entry of a pack in the fragment, rather than the other way round: then nothing needs to
 * be held, and when all that name the pack are found there, none is wrong.
 */
async function checkEntriesOf(
  check: FragmentCheck,
  fragment: IndexFragment,
  { packId, count }: { readonly packId: string; readonly count: number },
): Promise<void> {
  const contents = await readPackContents(check.driver, packId)
  if (contents.damage !== undefined) throw packCorrupt(packPath(packId), contents.damage)
  let found = 0
  for (const entry of contents.entries) {
    const key = Buffer.from(entry.id, 'hex')
    const place = await fragment.find(key)
    const isHere = place !== undefined && fragment.packs[place.pack] === packId
    if (!isHere || !isPlaceOf(place, entry)) continue
    if (await isKnown(check.before, key, { packId, place })) continue
    found += 1
    await checkLinks(check, packId, entry)
  }
  if (found !== count) {
    throw packCorrupt(indexPath(fragment.name), `an entry is not what the pack ${packId} has`)
  }
}

interface KnownPlace {
  readonly packId: string | undefined
  readonly place: EntryPlace
}

async function isKnown(
  before: readonly IndexFragment[],
  key: Buffer,
  { packId, place }: KnownPlace,
): Promise<boolean> {
  const found = await findIn(before, key)
  return found.some((known) => known.packId === packId && isSamePlace(known.place, place))
}

async function findIn(
  fragments: readonly IndexFragment[],
  key: Buffer,
): Promise<readonly KnownPlace[]> {
  const found: KnownPlace[] = []
  for (const fragment of fragments) {
    const place = await fragment.find(key)
    if (place !== undefined) found.push({ packId: fragment.packs[place.pack], place })
  }
  return found
}

function isSamePlace(a: EntryPlace, b: EntryPlace): boolean {
  return a.offset === b.offset && a.kind === b.kind && isSameLength(a, b)
}

function isPlaceOf(place: EntryPlace, entry: PackEntry): boolean {
  return (
    place.offset === entry.offset &&
    kindFromByte(place.kind) === entry.kind &&
    isSameLength(place, entry)
  )
}

type Lengths = Pick<EntryPlace, 'storedLength' | 'rawLength' | 'codec'>

function isSameLength(a: Lengths, b: Lengths): boolean {
  return a.storedLength === b.storedLength && a.rawLength === b.rawLength && a.codec === b.codec
}

/** Of an operation only what matters to its writer may be gone, so its links are not looked at. */
async function checkLinks(
  { driver, reader, isPartial }: FragmentCheck,
  packId: string,
  entry: PackEntry,
): Promise<void> {
  const { id, kind } = entry
  if (kind === 'blob' || kind === 'operation') return
  const path = packPath(packId)
  const payload = await readPayload((at, length) => driver.readRange(path, at, length), entry)
  if (kind === 'chunks') return checkChunks(reader, payload, isPartial)
  if (isPartial) return
  for (const link of decodeObject(payload, id).links) {
    if (!(await reader.has(link))) throw objectNotFound(`What ${kind} ${id} needs`, 'object', link)
  }
  await giveWay()
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
