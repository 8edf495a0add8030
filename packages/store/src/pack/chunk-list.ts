import { type BlobId, ID_BYTES, idFromBytes, toBlobId } from '../hash/object-id.ts'
import { readVarint, varintLength, writeVarint } from './varint.ts'

/** One piece of a large blob. */
export interface Chunk {
  readonly blobId: BlobId
  readonly sizeBytes: number
}

/** The pieces of a large blob in order. */
export interface ChunkList {
  readonly blobId: BlobId
  readonly sizeBytes: number
  readonly chunks: readonly Chunk[]
}

const VERSION = 1

/** Returns the bytes of a list: version, id of the whole 32, number of chunks, then id and size of each. */
export function encodeChunkList(blobId: BlobId, chunks: readonly Chunk[]): Uint8Array {
  const sizes = chunks.reduce((sum, chunk) => sum + ID_BYTES + varintLength(chunk.sizeBytes), 0)
  const bytes = Buffer.allocUnsafe(1 + ID_BYTES + varintLength(chunks.length) + sizes)
  bytes[0] = VERSION
  bytes.write(blobId, 1, 'hex')
  let at = writeVarint(bytes, 1 + ID_BYTES, chunks.length)
  for (const chunk of chunks) {
    at += bytes.write(chunk.blobId, at, 'hex')
    at = writeVarint(bytes, at, chunk.sizeBytes)
  }
  return bytes
}

/** Reads what {@link encodeChunkList} wrote; undefined when it is anything else. */
export function decodeChunkList(bytes: Uint8Array): ChunkList | undefined {
  if (bytes[0] !== VERSION || bytes.length < 1 + ID_BYTES) return undefined
  const count = readVarint(bytes, 1 + ID_BYTES)
  if (count === undefined || count.value > bytes.length / (ID_BYTES + 1)) return undefined
  const chunks: Chunk[] = []
  let at = count.end
  let sizeBytes = 0
  for (let index = 0; index < count.value; index += 1) {
    const size = at + ID_BYTES < bytes.length ? readVarint(bytes, at + ID_BYTES) : undefined
    if (size === undefined) return undefined
    chunks.push({ blobId: toBlobId(idFromBytes(bytes, at)), sizeBytes: size.value })
    sizeBytes += size.value
    at = size.end
  }
  if (at !== bytes.length || !Number.isSafeInteger(sizeBytes)) return undefined
  return { blobId: toBlobId(idFromBytes(bytes, 1)), sizeBytes, chunks }
}
