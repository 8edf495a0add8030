import {
  type BlobId,
  type BlobPiece,
  createBlobHasher,
  objectCorrupt,
  type ObjectReader,
} from '@dsv/store'
import type { OpenFile } from '../format/format-adapter.ts'

/**
 * Opens a stored blob as a file. A few pieces, mostly of about 1 MiB, are in memory at a time. Each
 * is checked as it is read, the whole once reading has gone from its start to its end.
 *
 * @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT`
 */
export async function openStored(reader: ObjectReader, blob: BlobId): Promise<OpenFile> {
  const pieces = placedPieces(await reader.piecesOf(blob))
  const sizeBytes = pieces.at(-1)?.end ?? 0
  const whole = pieces.length > 1 ? createBlobHasher() : undefined
  let hashed = 0
  let current: { readonly piece: PlacedPiece; readonly bytes: Uint8Array } | undefined
  const load = async (piece: PlacedPiece): Promise<Uint8Array> => {
    if (current?.piece === piece) return current.bytes
    const bytes = await recentPiece(reader, piece.blobId, pieces.length > 1)
    if (bytes.length !== piece.sizeBytes) throw objectCorrupt(blob, 'a piece has another size')
    current = { piece, bytes }
    if (whole !== undefined && piece.start === hashed && hashed < sizeBytes) {
      whole.update(bytes)
      hashed = piece.end
      if (hashed === sizeBytes && whole.digest() !== blob)
        throw objectCorrupt(blob, 'its pieces are those of something else')
    }
    return bytes
  }
  return {
    sizeBytes,
    read: async (offset, length) => {
      const end = Math.min(offset + length, sizeBytes)
      const found: Uint8Array[] = []
      for (let at = pieceAt(pieces, offset); (pieces[at]?.start ?? end) < end; at += 1) {
        const piece = pieces[at]
        if (piece === undefined) break
        const bytes = await load(piece)
        found.push(bytes.subarray(Math.max(0, offset - piece.start), end - piece.start))
      }
      const [first] = found
      return found.length === 1 && first !== undefined ? first : Buffer.concat(found)
    },
    close: async () => {
      if (hashed < sizeBytes) whole?.digest()
      hashed = sizeBytes
      current = undefined
    },
  }
}

/** Two versions of a file that are read side by side have most pieces in common. */
const RECENT_BYTES = 12 * 2 ** 20
const recent = new WeakMap<ObjectReader, RecentPieces>()

/** Pieces that were read last, the latest at the end. */
interface RecentPieces {
  readonly pieces: Map<BlobId, Uint8Array>
  sizeBytes: number
}

async function recentPiece(reader: ObjectReader, id: BlobId, isPart: boolean): Promise<Uint8Array> {
  if (!isPart) return reader.getBlob(id)
  const kept = recent.get(reader) ?? { pieces: new Map<BlobId, Uint8Array>(), sizeBytes: 0 }
  recent.set(reader, kept)
  const known = kept.pieces.get(id)
  const bytes = known ?? (await reader.getBlob(id))
  if (known === undefined) kept.sizeBytes += bytes.length
  kept.pieces.delete(id)
  kept.pieces.set(id, bytes)
  for (const [oldest, { length }] of kept.pieces) {
    if (kept.sizeBytes <= RECENT_BYTES) break
    kept.pieces.delete(oldest)
    kept.sizeBytes -= length
  }
  return bytes
}

/** A piece and where in the blob it is. */
interface PlacedPiece extends BlobPiece {
  readonly start: number
  readonly end: number
}

function placedPieces(pieces: readonly BlobPiece[]): readonly PlacedPiece[] {
  let end = 0
  return pieces.map((piece) => {
    const start = end
    end += piece.sizeBytes
    return { ...piece, start, end }
  })
}

/** The number of the piece that holds an offset. */
function pieceAt(pieces: readonly PlacedPiece[], offset: number): number {
  let first = 0
  let after = pieces.length
  while (after - first > 1) {
    const middle = (first + after) >> 1
    if ((pieces[middle]?.start ?? 0) <= offset) first = middle
    else after = middle
  }
  return first
}
