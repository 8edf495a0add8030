import { nodeFileSystem } from '../driver/file-system.ts'
import { isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import type { ObjectWriteSession } from '../object/object-write-session.ts'
import { type IngestedFile, ingestBatch } from './ingest-batch.ts'
import { type PlacedFile, placeBatch, type Placement } from './place-batch.ts'
import type { PlaceOptions } from './place-blob.ts'
import { runWorkers } from './run-workers.ts'
import type { WorkerSetup } from './worker-messages.ts'

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
}

/**
 * Reads files and stores their bytes in a session; returns one result for each file, in their order.
 *
 * @throws `DSV_FILE_CHANGED` when a file kept changing while it was read, `DSV_FILE_GONE`,
 * `DSV_STORAGE_DENIED`, `DSV_STORAGE_FULL`, `DSV_STORAGE_FAILED`, the reason of the signal
 */
export async function ingestFiles(
  session: ObjectWriteSession,
  files: readonly FileToIngest[],
  options: IngestOptions = {},
): Promise<readonly IngestedFile[]> {
  const { driver, reader } = session
  const batches = cutIntoBatches(files)
  const results: (readonly IngestedFile[])[] = []
  const progress = createProgress(options)
  const firstOf = firstPlaces(batches)
  function take(batch: number, ingested: readonly IngestedFile[]): void {
    if (options.onFile === undefined) results[batch] = ingested
    else
      for (const [at, file] of ingested.entries()) options.onFile((firstOf[batch] ?? 0) + at, file)
    progress(ingested.map((file) => file.sizeBytes))
  }
  const setup = workerSetup(driver, reader, session, {})
  if (options.workerUrl === undefined || setup === undefined || !isMuch(files)) {
    for (const [batch, each] of batches.entries()) {
      options.signal?.throwIfAborted()
      take(batch, await ingestBatch(session, pathsOf(each)))
    }
    return results.flat()
  }
  await runWorkers({
    url: options.workerUrl,
    workers: options.workers ?? 2,
    setup,
    requests: batches.map((each, batch) => ({ type: 'ingest', batch, paths: pathsOf(each) })),
    onAnswer(answer) {
      if (answer.type === 'ingested') take(answer.batch, answer.files)
      if (answer.type === 'finished' && answer.objects) session.takeOver(answer.objects)
    },
    signal: options.signal,
  })
  return results.flat()
}

/**
 * Makes files of blobs; returns one result for each, in their order.
 *
 * @throws what `placeBlob` throws, the reason of the signal
 */
export async function placeFiles(
  reader: ClosableObjectReader,
  driver: StorageDriver,
  placements: readonly Placement[],
  options: BatchOptions & PlaceOptions = {},
): Promise<readonly PlacedFile[]> {
  const { link, mode, isVerified, isOldStored } = options
  const placeOptions: PlaceOptions = {
    ...(link === undefined ? {} : { link }),
    ...(mode === undefined ? {} : { mode }),
    ...(isVerified === undefined ? {} : { isVerified }),
    ...(isOldStored === undefined ? {} : { isOldStored }),
  }
  const batches = cutIntoBatches(placements)
  const results: (readonly PlacedFile[])[] = []
  const progress = createProgress(options)
  function take(batch: number, placed: readonly PlacedFile[]): void {
    results[batch] = placed
    progress(placed.map((file) => file.stamp.sizeBytes))
  }
  const setup = workerSetup(driver, reader, undefined, placeOptions)
  if (options.workerUrl === undefined || setup === undefined || !isMuch(placements)) {
    for (const [batch, each] of batches.entries()) {
      options.signal?.throwIfAborted()
      take(batch, await placeBatch(reader, driver, each, placeOptions))
    }
    return results.flat()
  }
  await runWorkers({
    url: options.workerUrl,
    workers: options.workers ?? 2,
    setup,
    requests: batches.map((each, batch) => ({ type: 'place', batch, placements: each })),
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

function cutIntoBatches<File extends { readonly sizeBytes?: number }>(
  files: readonly File[],
): readonly (readonly File[])[] {
  const batches: File[][] = []
  let last: File[] = []
  let sizeBytes = 0
  for (const file of files) {
    if (last.length === 0 || last.length === BATCH_FILES || sizeBytes > BATCH_BYTES) {
      last = []
      batches.push(last)
      sizeBytes = 0
    }
    last.push(file)
    sizeBytes += file.sizeBytes ?? 0
  }
  return batches
}

/** Where in the list each batch begins. */
function firstPlaces(batches: readonly (readonly unknown[])[]): readonly number[] {
  let next = 0
  return batches.map((batch) => {
    const first = next
    next += batch.length
    return first
  })
}

/** Less is done in this thread before a worker has started. */
const MUCH_FILES = 2000
const MUCH_BYTES = 64 * 1024 * 1024

function isMuch(files: readonly { readonly sizeBytes?: number }[]): boolean {
  if (files.length > MUCH_FILES) return true
  if (files.length < 2) return false
  return files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0) > MUCH_BYTES
}

function pathsOf(files: readonly FileToIngest[]): readonly string[] {
  return files.map((file) => file.path)
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
