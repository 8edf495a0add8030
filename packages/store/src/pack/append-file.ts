import { readFully, storageError, withFile, writeFully } from '../driver/file-system.ts'
import { type FolderDriver, isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'

/** A file that is being written and can be read back, before it has its name. */
export interface AppendFile {
  readonly sizeBytes: number
  /** Where it lies meanwhile, in a folder. */
  readonly temporary: string | undefined
  append(bytes: Uint8Array): void
  read(offset: number, length: number): Buffer
  /** Ends the writing. What is not a folder gets the file now, under `path`. */
  complete(path: StoragePath): Promise<void>
  /** Forgets it and deletes what was written. */
  discard(): void
}

/** Returns a new file: in a folder a temporary file, elsewhere in memory until it is complete. */
export function createAppendFile(driver: StorageDriver, temporary?: string): AppendFile {
  return isFolderDriver(driver)
    ? temporaryAppendFile(driver, temporary ?? driver.temporaryFile())
    : memoryAppendFile(driver)
}

const BUFFER_BYTES = 1024 * 1024

function temporaryAppendFile(driver: FolderDriver, temporary: string): AppendFile {
  const { files } = driver
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let filled = 0
  let written = 0
  let descriptor: number | undefined = guarded(() => files.open(temporary, 'wx+'))

  function guarded<Result>(run: () => Result): Result {
    try {
      return run()
    } catch (error) {
      throw storageError(error, temporary)
    }
  }
  function opened(): number {
    if (descriptor === undefined) throw new Error(`${temporary} is complete already.`)
    return descriptor
  }
  function writeOut(bytes: Uint8Array): void {
    guarded(() => writeFully(files, opened(), bytes))
    written += bytes.length
  }
  function drain(): void {
    const full = buffer.subarray(0, filled)
    filled = 0
    if (full.length > 0) writeOut(full)
  }

  return {
    temporary,
    get sizeBytes() {
      return written + filled
    },
    append(bytes) {
      if (filled + bytes.length > buffer.length) drain()
      if (bytes.length >= buffer.length) return writeOut(bytes)
      buffer.set(bytes, filled)
      filled += bytes.length
    },
    read(offset, length) {
      if (offset >= written) {
        return Buffer.from(buffer.subarray(offset - written, offset - written + length))
      }
      if (offset + length > written) drain()
      const reading = descriptor
      return guarded(() =>
        reading === undefined
          ? withFile(files, temporary, 'r', (reopened) =>
              readFully(files, reopened, offset, length),
            )
          : readFully(files, reading, offset, length),
      )
    },
    async complete() {
      drain()
      guarded(() => files.close(opened()))
      descriptor = undefined
      driver.noteUnflushed([temporary])
    },
    discard() {
      if (descriptor !== undefined) files.close(descriptor)
      descriptor = undefined
      discardTemporary(driver, temporary)
    },
  }
}

function discardTemporary(driver: FolderDriver, temporary: string): void {
  try {
    driver.files.unlink(temporary)
  } catch {
    // Left behind, it is one of the temporary files that gc removes.
  }
}

const SMALL_BYTES = 1024 * 1024
/** A full pack with its table. */
const FULL_BYTES = 80 * 1024 * 1024

function memoryAppendFile(driver: StorageDriver): AppendFile {
  let buffer = Buffer.allocUnsafe(64 * 1024)
  let filled = 0
  return {
    temporary: undefined,
    get sizeBytes() {
      return filled
    },
    append(bytes) {
      if (filled + bytes.length > buffer.length) {
        const needed = filled + bytes.length
        const doubled = 2 * Math.max(buffer.length, needed)
        // Growing by doubles would leave as much garbage; memory that is not touched costs nothing.
        const grown = Buffer.allocUnsafe(
          needed < SMALL_BYTES ? doubled : Math.max(doubled, FULL_BYTES),
        )
        buffer.copy(grown, 0, 0, filled)
        buffer = grown
      }
      buffer.set(bytes, filled)
      filled += bytes.length
    },
    read: (offset, length) =>
      Buffer.from(buffer.subarray(offset, Math.min(filled, offset + length))),
    async complete(path) {
      await driver.write(path, buffer.subarray(0, filled))
    },
    discard() {
      buffer = Buffer.alloc(0)
      filled = 0
    },
  }
}
