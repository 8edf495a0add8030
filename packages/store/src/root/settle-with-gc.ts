import { isBlobList, readCondemnedBlobs, writeCondemnedBlobs } from '../care/condemned-blobs.ts'
import type { IdSet } from '../care/id-set.ts'
import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'
import { sessionExpired } from '../errors.ts'
import { type AnyId, type BlobId, toBlobId } from '../hash/object-id.ts'
import { indexPath, packPath } from '../layout.ts'
import { type ClosableObjectReader, openObjectReader } from '../object/object-reader.ts'
import type { WrittenFragment } from '../pack/write-index-fragment.ts'
import type { CondemnedFile, RootRecord } from './root-record.ts'

/** What a writer has done and relies on. */
export interface WriterState {
  readonly driver: StorageDriver
  /** Everything that its objects and its update refer to. */
  readonly used: IdSet
  /** The root when it began to rely on anything. */
  readonly since: RootRecord
  readonly written: readonly WrittenFragment[]
}

/**
 * Makes the next root of a writer agree with what gc did while it wrote: files that gc condemned and
 * the writer uses are taken off the list; when something is gone or about to go, the writer must
 * begin again. After gc the index holds nothing whose links are gone, so only direct links count.
 *
 * @throws `DSV_SESSION_EXPIRED`
 */
export async function settleWithGc(state: WriterState, next: RootRecord): Promise<RootRecord> {
  // Doomed files may be seen, then deleted, then forgotten, all in one epoch.
  const { gcEpoch, condemned } = state.since
  const isGcPast = next.gcEpoch !== gcEpoch || condemned.some(({ isDoomed }) => isDoomed)
  if (!isGcPast && next.condemned.length === 0) return next
  const reader = readerOver(state.driver, next.fragments)
  try {
    if (isGcPast) await checkUsed(state, reader)
    return { ...next, condemned: await rescue(state, reader, next.condemned) }
  } finally {
    reader.close()
  }
}

function readerOver(driver: StorageDriver, fragments: readonly string[]): ClosableObjectReader {
  return openObjectReader(driver, { current: () => fragments, reload: async () => fragments })
}

async function checkUsed(
  { driver, used }: WriterState,
  reader: ClosableObjectReader,
): Promise<void> {
  const missing: AnyId[] = []
  try {
    for (const id of used) {
      if (missing.length === 100) break
      for (const each of [id, ...(await chunksOf(reader, id))]) {
        if (!(await reader.has(each))) missing.push(each)
      }
    }
  } catch (error) {
    if (!isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) throw error
    throw sessionExpired(driver.location, [error.message])
  }
  if (missing.length > 0) throw sessionExpired(driver.location, missing)
}

async function chunksOf(reader: ClosableObjectReader, id: AnyId): Promise<readonly BlobId[]> {
  const place = await reader.locate(id)
  return place?.type === 'pack' && place.kind === 'chunks' ? reader.chunksOf(toBlobId(id)) : []
}

async function rescue(
  state: WriterState,
  reader: ClosableObjectReader,
  condemned: readonly CondemnedFile[],
): Promise<readonly CondemnedFile[]> {
  const own = new Set(
    state.written.flatMap(({ name, packs }) => [indexPath(name), ...packs.map(packPath)]),
  )
  const kept: CondemnedFile[] = []
  for (const file of condemned) {
    const rest = isBlobList(file.path)
      ? await withoutUsed(state, reader, file)
      : own.has(file.path)
        ? undefined
        : file
    if (rest !== file && file.isDoomed) throw sessionExpired(state.driver.location, [file.path])
    if (rest !== undefined) kept.push(rest)
  }
  return kept
}

/** Returns the same file when none of its blobs is used, else a shorter list. */
async function withoutUsed(
  { driver, used }: WriterState,
  reader: ClosableObjectReader,
  file: CondemnedFile,
): Promise<CondemnedFile | undefined> {
  const blobIds = await blobsOnList(driver, file.path)
  const wanted = new Set<AnyId>(blobIds.filter((id) => used.has(id)))
  if (blobIds.length === wanted.size) return undefined
  for (const id of await usedChunks(reader, used)) wanted.add(id)
  const rest = blobIds.filter((id) => !wanted.has(id))
  if (rest.length === blobIds.length) return file
  return rest.length === 0 ? undefined : { ...file, path: await writeCondemnedBlobs(driver, rest) }
}

/** A list is deleted after the blobs on it, and before the root forgets it. */
async function blobsOnList(driver: StorageDriver, path: StoragePath): Promise<readonly BlobId[]> {
  try {
    return await readCondemnedBlobs(driver, path)
  } catch (error) {
    if (!isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) throw error
    throw sessionExpired(driver.location, [path])
  }
}

async function usedChunks(reader: ClosableObjectReader, used: IdSet): Promise<readonly BlobId[]> {
  const chunks: BlobId[] = []
  for (const id of used) for (const chunk of await chunksOf(reader, id)) chunks.push(chunk)
  return chunks
}
