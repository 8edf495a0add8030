import fs from 'node:fs'
import path from 'node:path'

import { storageError } from '../driver/file-system.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import type { BlobId } from '../hash/object-id.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import { type FileStamp, stampFrom } from './ingest-batch.ts'
import { placeBlob, type PlaceOptions } from './place-blob.ts'

/** A blob and the file to make of it. */
export interface Placement {
  readonly blobId: BlobId
  /** Absolute path; folders above it are made. */
  readonly target: string
  /** See {@link PlaceOptions.mode}. */
  readonly mode?: number
  /** A guess, for sharing the work out. */
  readonly sizeBytes?: number
}

/** A file that was made. */
export interface PlacedFile {
  readonly target: string
  readonly stamp: FileStamp
}

/** So many files are under way: while the system deletes what they replace, others are written. */
const AT_ONCE = 8

/**
 * Makes files of blobs; see {@link placeBlob} for what is thrown. Nothing is under way any more when it
 * resolves or rejects.
 */
export async function placeBatch(
  reader: ClosableObjectReader,
  driver: StorageDriver,
  placements: readonly Placement[],
  options: PlaceOptions,
): Promise<readonly PlacedFile[]> {
  for (const folder of new Set(placements.map(({ target }) => path.dirname(target))))
    makeFolder(folder)
  const placed: PlacedFile[] = []
  const left = placements.entries()
  let failure: { readonly error: unknown } | undefined
  async function placeNext(): Promise<void> {
    for (const [at, { blobId, target, mode }] of left) {
      try {
        const how = mode === undefined ? options : { ...options, mode }
        await placeBlob(reader, driver, blobId, target, how)
        placed[at] = { target, stamp: stampFrom(fs.lstatSync(target, { bigint: true })) }
      } catch (error) {
        failure ??= { error }
      }
      if (failure !== undefined) return
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, placeNext))
  if (failure !== undefined) throw failure.error
  return placed
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw storageError(error, folder)
  }
}
