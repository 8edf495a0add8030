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

/** Makes files of blobs one after the other; see {@link placeBlob} for what is thrown. */
export async function placeBatch(
  reader: ClosableObjectReader,
  driver: StorageDriver,
  placements: readonly Placement[],
  options: PlaceOptions,
): Promise<readonly PlacedFile[]> {
  const folders = new Set<string>()
  const placed: PlacedFile[] = []
  for (const { blobId, target, mode } of placements) {
    const folder = path.dirname(target)
    if (!folders.has(folder)) makeFolder(folder)
    folders.add(folder)
    await placeBlob(
      reader,
      driver,
      blobId,
      target,
      mode === undefined ? options : { ...options, mode },
    )
    placed.push({ target, stamp: stampFrom(fs.lstatSync(target, { bigint: true })) })
  }
  return placed
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw storageError(error, folder)
  }
}
