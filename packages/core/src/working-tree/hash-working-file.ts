import { closeSync, openSync, readSync } from 'node:fs'
import { type BlobId, createBlobHasher, systemErrorCode } from '@dsv/store'

const PIECE_BYTES = 1 << 20

/** Returns the id of a file's bytes, or undefined when it cannot be found any more. */
export function hashWorkingFile(file: string): BlobId | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const hasher = createBlobHasher()
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    for (;;) {
      const length = readSync(descriptor, piece)
      if (length === 0) return hasher.digest()
      hasher.update(piece.subarray(0, length))
    }
  } finally {
    closeSync(descriptor)
  }
}
