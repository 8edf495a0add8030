import type { OpenFile } from '@dsv/core'
import { fileTooLarge } from '../errors.ts'
import type { FileHandle } from 'node:fs/promises'

/** More than this cannot be held in one buffer and one string. */
const READ_LIMIT_BYTES = 2 ** 31 - 1

/** Returns an {@link OpenFile} over bytes in memory. */
export function memoryFile(bytes: Uint8Array): OpenFile {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  }
}

/** Returns an {@link OpenFile} over an open file; `onClose` runs after it is closed. */
export function handleFile(
  handle: FileHandle,
  sizeBytes: number,
  onClose: () => Promise<void> = async () => {},
): OpenFile {
  return {
    sizeBytes,
    read: (offset, length) => readFully(handle, offset, length, sizeBytes),
    close: async () => {
      await handle.close()
      await onClose()
    },
  }
}

/** Reads a whole file. @throws `DSV_FILE_TOO_LARGE` from 2 GiB on */
export async function readWhole(file: OpenFile, path: string): Promise<Uint8Array> {
  if (file.sizeBytes > READ_LIMIT_BYTES) {
    throw fileTooLarge(path, file.sizeBytes, READ_LIMIT_BYTES)
  }
  return file.read(0, file.sizeBytes)
}

async function readFully(
  handle: FileHandle,
  offset: number,
  length: number,
  sizeBytes: number,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, sizeBytes - offset)))
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
