import type { StorageDriver } from '../driver/storage-driver.ts'
import { type BlobId, isIdText, toBlobId } from '../hash/object-id.ts'
import { BLOB_PREFIX } from './storage-layout.ts'

/** A blob that has a file of its own. */
export interface BlobFile {
  readonly blobId: BlobId
  readonly sizeBytes: number
  /** Milliseconds since 1970 UTC. */
  readonly modifiedMs: number
}

/**
 * Lists the blobs that have a file of their own, by id.
 *
 * @yields one for each file whose name is an id
 */
export async function* listBlobFiles(
  driver: StorageDriver,
): AsyncGenerator<BlobFile, void, undefined> {
  for await (const { path, sizeBytes, modifiedMs } of driver.list(BLOB_PREFIX)) {
    const text = path.slice(BLOB_PREFIX.length).replace('/', '')
    if (isIdText(text)) yield { blobId: toBlobId(text), sizeBytes, modifiedMs }
  }
}
