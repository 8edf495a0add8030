import { fileChanged } from '../errors.ts'
import { createBlobHasher } from '../hash/blake3.ts'
import type { ObjectWriteSession } from '../object/object-write-session.ts'
import { type IngestedFile, isSameStamp, readPieces, withOpenFile } from './ingest-batch.ts'
import { type BatchOptions, ingestFiles } from './ingest-files.ts'

/** A file whose id is known while its bytes are still on their way into the store. */
export interface FileAside {
  readonly file: IngestedFile
  /**
   * Resolves when the bytes of that id are stored. Nothing may be sealed, and the session not be
   * abandoned, before it has settled.
   *
   * @throws `DSV_FILE_CHANGED` when the file is not what it was when its id was computed, and what
   * {@link ingestFiles} throws
   */
  readonly stored: Promise<void>
}

/**
 * Computes the id of a large file, then lets a worker store it while this thread goes on. Hashing is a
 * tenth of the work; chunking and compressing are the rest.
 *
 * @throws `DSV_FILE_CHANGED` when the file changed while it was read, `DSV_FILE_GONE`,
 * `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`, the reason of the signal
 */
export async function ingestAside(
  session: ObjectWriteSession,
  path: string,
  options: Omit<BatchOptions, 'workers'>,
): Promise<FileAside> {
  const file = await identifyFile(path, options.signal)
  const stored = storeAs(session, file, options)
  // Who waits for it may come later.
  stored.catch(() => {})
  return { file, stored }
}

async function identifyFile(path: string, signal: AbortSignal | undefined): Promise<IngestedFile> {
  return withOpenFile(path, async (descriptor, stampNow) => {
    const stamp = stampNow()
    const hasher = createBlobHasher()
    let sizeBytes = 0
    for await (const piece of readPieces({ path, descriptor, signal })) {
      hasher.update(piece)
      sizeBytes += piece.length
    }
    const blobId = hasher.digest()
    if (sizeBytes === stamp.sizeBytes && isSameStamp(stamp, stampNow())) {
      return { path, blobId, sizeBytes, stamp }
    }
    throw fileChanged(path)
  })
}

async function storeAs(
  session: ObjectWriteSession,
  { path, blobId, sizeBytes, stamp }: IngestedFile,
  options: Omit<BatchOptions, 'workers'>,
): Promise<void> {
  const files = [{ path, sizeBytes }]
  const [now] = await ingestFiles(session, files, { ...options, workers: 1, isAside: true })
  if (now?.blobId !== blobId || !isSameStamp(now.stamp, stamp)) throw fileChanged(path)
}
