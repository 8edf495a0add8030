import { closeSync, constants, openSync, readSync } from 'node:fs'
import { type BlobId, createBlobHasher } from '@dsv/store'
import { isNowhere } from './stat-path.ts'

const PIECE_BYTES = 1 << 20

/** Opening must not wait for the other end of a pipe that just took the place of the file. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Returns the id of a file's bytes, or undefined when it cannot be found any more. */
export function hashWorkingFile(file: string): BlobId | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, READ)
  } catch (error) {
    if (isNowhere(error)) return undefined
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
