import { nodeFileSystem } from '../driver/file-system.ts'
import { isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import type { ObjectWriteSession } from '../object/object-write-session.ts'
import { type IngestedFile, ingestBatch } from './ingest-batch.ts'
import { type PlacedFile, placeBatch, type Placement } from './place-batch.ts'
import type { PlaceOptions } from './place-blob.ts'
import type { IngestRequest, PlaceRequest, WorkerSetup } from './worker-messages.ts'

/** How much is done. */
export interface BatchProgress {
  readonly files: number
  readonly sizeBytes: number
}

/** Who does the work, and who is told. */
export interface BatchOptions {
  /** Number of workers; 2 by default. */
  readonly workers?: number
  /** The bundled `ingest-worker` script; without it everything is done in this thread. */
  readonly workerUrl?: URL
  readonly signal?: AbortSignal
  /** Told now and then how much is done. */
  readonly onProgress?: (done: BatchProgress) => void
}

/** A file to store. */
export interface FileToIngest {
  /** Absolute path of a regular file. */
  readonly path: string
  /** A guess, for sharing the work out. */
  readonly sizeBytes?: number
}

/** What ingesting needs besides. */
export interface IngestOptions extends BatchOptions {
  /** Is told of each file by its place in the list, in any order; nothing is returned then. */
  readonly onFile?: (at: number, file: IngestedFile) => void
  /** Leaves even little work to workers, because this thread has other things to do. */
  readonly isAside?: boolean
}

/**
 * Reads files and stores their bytes in a session; returns one result for each file, in their order.
 *
 * @throws `DSV_FILE_CHANGED` when a file kept changing while it was read, `DSV_FILE_GONE`,
 * `DSV_STORAGE_DENIED`, `DSV_STORAGE_FULL`, `DSV_STORAGE_FAILED`, the reason of the signal
 */
export async function ingestFiles(
  session: ObjectWriteSession,
  files: Iterable<FileToIngest>,
  options: IngestOptions = {},
): Promise<readonly IngestedFile[]> {
  const { driver, reader } = session
  const results: (readonly IngestedFile[])[] = []
  const progress = createProgress(options)
  /** Where in the list each batch begins. */
  const firstOf: number[] = []
  let handedOut = 0
  function* requests(): Generator<IngestRequest> {
    for (const each of batches) {
      const paths = each.map((file) => file.path)
      yield { type: 'ingest', batch: firstOf.push(handedOut) - 1, paths }
      handedOut += paths.length
    }
  }
  function take(batch: number, ingested: readonly IngestedFile[]): void {
    if (options.onFile === undefined) results[batch] = ingested
    else
      for (const [at, file] of ingested.entries()) options.onFile((firstOf[batch] ?? 0) + at, file)
    progress(ingested.map((file) => file.sizeBytes))
  }
  const { batches, isMuch } = lookAhead(cutIntoBatches(files))
  const setup = workerSetup(driver, reader, session, {})
  const isForWorkers = isMuch || options.isAside === true
  if (options.workerUrl === undefined || setup === undefined || !isForWorkers) {
    for (const { batch, paths } of requests()) {
      options.signal?.throwIfAborted()
      take(batch, await ingestBatch(session, paths, options.signal))
    }
    return results.flat()
  }
  const { runWorkers } = await import('./run-workers.ts')
  await runWorkers({
    url: options.workerUrl,
    workers: options.workers ?? 2,
    setup,
    requests: requests(),
    onAnswer(answer) {
      if (answer.type === 'ingested') take(answer.batch, answer.files)
      if (answer.type === 'finished' && answer.objects) session.takeOver(answer.objects)
    },
    signal: options.signal,
  })
  return results.flat()
}

/** What placing needs besides. */
export interface PlaceFilesOptions extends BatchOptions, PlaceOptions {
  /** Is told of each file by its place in the list, in any order; nothing is returned then. */
  readonly onFile?: (at: number, file: PlacedFile) => void
}

/**
 * Makes files of blobs; returns one result for each, in their order.
 *
 * @throws what `placeBlob` throws, the reason of the signal
 */
export async function placeFiles(
  reader: ClosableObjectReader,
  driver: StorageDriver,
  placements: Iterable<Placement>,
  options: PlaceFilesOptions = {},
): Promise<readonly PlacedFile[]> {
  const { link, mode, isVerified, isOldStored } = options
  const placeOptions: PlaceOptions = {
    ...(link === undefined ? {} : { link }),
    ...(mode === undefined ? {} : { mode }),
    ...(isVerified === undefined ? {} : { isVerified }),
    ...(isOldStored === undefined ? {} : { isOldStored }),
  }
  const { batches, isMuch } = lookAhead(cutIntoBatches(placements))
  const results: (readonly PlacedFile[])[] = []
  const progress = createProgress(options)
  const firstOf: number[] = []
  let handedOut = 0
  function take(batch: number, placed: readonly PlacedFile[]): void {
    if (options.onFile === undefined) results[batch] = placed
    else for (const [at, file] of placed.entries()) options.onFile((firstOf[batch] ?? 0) + at, file)
    progress(placed.map((file) => file.stamp.sizeBytes))
  }
  const setup = workerSetup(driver, reader, undefined, placeOptions)
  function* requests(): Generator<PlaceRequest> {
    for (const each of batches) {
      yield { type: 'place', batch: firstOf.push(handedOut) - 1, placements: each }
      handedOut += each.length
    }
  }
  if (options.workerUrl === undefined || setup === undefined || !isMuch) {
    for (const { batch, placements: each } of requests()) {
      options.signal?.throwIfAborted()
      take(batch, await placeBatch(reader, driver, each, placeOptions))
    }
    return results.flat()
  }
  const { runWorkers } = await import('./run-workers.ts')
  await runWorkers({
    url: options.workerUrl,
    workers: options.workers ?? 2,
    setup,
    requests: requests(),
    onAnswer(answer) {
      if (answer.type === 'placed') take(answer.batch, answer.files)
    },
    signal: options.signal,
  })
  return results.flat()
}

/** Workers open the storage themselves, which only works for a folder of this machine. */
function workerSetup(
  driver: StorageDriver,
  reader: ClosableObjectReader,
  session: ObjectWriteSession | undefined,
  placeOptions: PlaceOptions,
): WorkerSetup | undefined {
  if (!isFolderDriver(driver) || driver.files !== nodeFileSystem) return undefined
  return {
    folder: driver.localFolder,
    packBelowBytes: driver.packBelowBytes,
    fragments: reader.liveFragments(),
    writeOptions: session?.options ?? {},
    placeOptions,
  }
}

const BATCH_FILES = 256
const BATCH_BYTES = 16 * 1024 * 1024

function* cutIntoBatches<File extends { readonly sizeBytes?: number }>(
  files: Iterable<File>,
): Generator<readonly File[]> {
  let batch: File[] = []
  let sizeBytes = 0
  for (const file of files) {
    batch.push(file)
    sizeBytes += file.sizeBytes ?? 0
    if (batch.length < BATCH_FILES && sizeBytes <= BATCH_BYTES) continue
    yield batch
    batch = []
    sizeBytes = 0
  }
  if (batch.length > 0) yield batch
}

/** Less is done in this thread before a worker has started. */
const MUCH_FILES = 2000
const MUCH_BYTES = 64 * 1024 * 1024

/** Looks at batches until it is clear whether they are much work; gives them all back. */
function lookAhead<File extends { readonly sizeBytes?: number }>(
  batches: Iterator<readonly File[]> & Iterable<readonly File[]>,
): { readonly batches: Iterable<readonly File[]>; readonly isMuch: boolean } {
  const seen: (readonly File[])[] = []
  let [files, sizeBytes, isMuch] = [0, 0, false]
  while (!isMuch) {
    const next = batches.next()
    if (next.done === true) break
    seen.push(next.value)
    files += next.value.length
    sizeBytes += next.value.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0)
    isMuch = files > MUCH_FILES || (files > 1 && sizeBytes > MUCH_BYTES)
  }
  return { batches: concatenated(seen, batches), isMuch }
}

function* concatenated<Item>(first: Iterable<Item>, rest: Iterable<Item>): Generator<Item> {
  yield* first
  yield* rest
}

function createProgress(options: BatchOptions): (sizes: readonly number[]) => void {
  let files = 0
  let sizeBytes = 0
  return (sizes) => {
    files += sizes.length
    for (const size of sizes) sizeBytes += size
    options.onProgress?.({ files, sizeBytes })
  }
}
