import type { Progress } from '@dsv/core'
import {
  type BlobId,
  type BlobPiece,
  blobPath,
  objectCorrupt,
  type ObjectWriteSession,
  packPath,
  toBlobId,
} from '@dsv/store'
import type { CachingDriver } from '../driver/caching-driver.ts'
import type { BlobList, SizedBlob } from './blob-list.ts'
import { inPackOrder, partsOf, type PlacedBlob, readAhead } from './read-ahead.ts'
import type { TransferReader } from './store-source.ts'

/** Where blobs come from. */
export interface CopyContext {
  readonly reader: TransferReader
  /** What the reader reads through, when it can read ahead. */
  readonly ahead: CachingDriver | undefined
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/** Blobs from this size on are read and stored piece by piece. */
const STREAM_BYTES = 16 * 2 ** 20

/** Which blobs are copied. */
export interface BlobPlan {
  readonly missing: BlobList
  /** Called whenever so many blobs, or bytes of them, were stored since. */
  readonly after?: () => Promise<void>
  readonly afterBlobs?: number
  readonly afterBytes?: number
}

/**
 * Stores blobs. Those that need not be read from the source, because the target has them, are not.
 *
 * @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT`, and what the storages throw
 */
export async function copyBlobs(
  { missing, after, afterBlobs = Infinity, afterBytes = Infinity }: BlobPlan,
  session: ObjectWriteSession,
  context: CopyContext,
): Promise<void> {
  const { ahead, reader, signal, onProgress } = context
  let done = 0
  let stored = 0
  let bytes = 0
  const moved = (more: number): void => {
    signal.throwIfAborted()
    done += more
    bytes += more
    onProgress({ task: 'copying media', done, total: missing.bytes, unit: 'bytes' })
  }
  async function copy({ id, sizeBytes }: SizedBlob): Promise<void> {
    const blobId = toBlobId(id)
    if (await session.isStored(blobId, sizeBytes)) moved(sizeBytes)
    else if (sizeBytes < STREAM_BYTES) {
      // The reader has checked that the bytes are those of the id.
      await session.putHashedBlob(blobId, await reader.getBlob(blobId))
      moved(sizeBytes)
    } else {
      const pieces = counted(piecesOf(blobId, sizeBytes, session, context), moved)
      const arrived = await session.putBlobStream(pieces, sizeBytes)
      if (arrived !== blobId) throw objectCorrupt(blobId, `it arrived as ${arrived}`)
    }
    stored += 1
    if (after === undefined || (stored < afterBlobs && bytes < afterBytes)) return
    await after()
    stored = 0
    bytes = 0
  }
  if (ahead === undefined) {
    for (const blob of missing) await copy(blob)
    return
  }
  for await (const batch of readAhead(inPackOrder(missing, reader), ahead))
    for (const blob of batch) await copy(blob)
}

async function* piecesOf(
  blobId: BlobId,
  sizeBytes: number,
  session: ObjectWriteSession,
  { reader, ahead }: CopyContext,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stored = ahead === undefined ? [] : await reader.piecesOf(blobId)
  if (ahead === undefined || stored.length <= 1) {
    if ((await reader.locatePacked(blobId)) === undefined)
      await ahead?.prefetch(partsOf(blobPath(blobId), sizeBytes))
    yield* reader.streamBlob(blobId)
    return
  }
  for await (const batch of readAhead(missingPieces(stored, session, reader), ahead))
    for (const { id } of batch)
      yield ((await session.has(id)) ? session : reader).getBlob(toBlobId(id))
}

/** All pieces in order; only those that the target lacks have a place. */
async function* missingPieces(
  pieces: readonly BlobPiece[],
  session: ObjectWriteSession,
  reader: TransferReader,
): AsyncGenerator<PlacedBlob, void, undefined> {
  for (const { blobId: id, sizeBytes } of pieces) {
    const place = (await session.has(id)) ? undefined : await reader.locatePacked(id)
    const range = place && {
      path: packPath(place.packId),
      offset: place.offset,
      length: place.storedLength,
    }
    yield { id, sizeBytes, range }
  }
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  moved: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    yield piece
    moved(piece.length)
  }
}
