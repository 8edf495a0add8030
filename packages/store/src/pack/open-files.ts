import { type FileSystem, readFully, storageError } from '../driver/file-system.ts'
import { isFolderDriver } from '../driver/folder-driver.ts'
import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'
import { systemErrorCode } from '../dsv-error.ts'
import { storageNotFound } from '../errors.ts'

/**
 * Reads parts of immutable files. In a folder the files stay open, the latest used ones, so that a read
 * is one system call and a file that gc deletes meanwhile can still be read.
 */
export class OpenFiles {
  readonly #driver: StorageDriver
  readonly #limit: number
  readonly #open = new Map<string, { readonly descriptor: number; readonly size: number }>()

  /** Keeps at most `limit` files open. */
  constructor(driver: StorageDriver, limit = 64) {
    this.#driver = driver
    this.#limit = limit
  }

  /**
   * Reads up to `length` bytes from `offset`; a negative offset counts from the end. The promise is left
   * out when the answer is there at once.
   *
   * @throws `DSV_STORAGE_NOT_FOUND`, `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`
   */
  read(path: StoragePath, offset: number, length: number): Buffer | Promise<Buffer> {
    const driver = this.#driver
    if (!isFolderDriver(driver)) {
      return driver
        .readRange(path, offset, length)
        .then((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    }
    try {
      return this.#readFile(driver.files, driver.absolutePath(path), offset, length)
    } catch (error) {
      throw isMissing(error) ? storageNotFound(driver.location, path) : error
    }
  }

  /** Reads from a file by its absolute path, in a storage that is a folder. */
  readAbsolute(file: string, offset: number, length: number): Buffer {
    const driver = this.#driver
    if (!isFolderDriver(driver)) throw new Error(`${driver.location} is not a folder.`)
    return this.#readFile(driver.files, file, offset, length)
  }

  /** Returns the size of a file in bytes, or undefined when there is none. */
  async sizeOf(path: StoragePath): Promise<number | undefined> {
    const driver = this.#driver
    if (!isFolderDriver(driver)) return driver.sizeOf(path)
    return this.#open.get(driver.absolutePath(path))?.size ?? driver.sizeOf(path)
  }

  /** Closes all files; later reads open them again. */
  close(): void {
    const driver = this.#driver
    if (!isFolderDriver(driver)) return
    for (const { descriptor } of this.#open.values()) driver.files.close(descriptor)
    this.#open.clear()
  }

  #readFile(files: FileSystem, file: string, offset: number, length: number): Buffer {
    try {
      const { descriptor, size } = this.#opened(files, file)
      const from = offset < 0 ? Math.max(0, size + offset) : offset
      return readFully(files, descriptor, from, Math.max(0, Math.min(length, size - from)))
    } catch (error) {
      throw storageError(error, file)
    }
  }

  #opened(files: FileSystem, file: string): { readonly descriptor: number; readonly size: number } {
    const found = this.#open.get(file)
    if (found !== undefined) {
      if (this.#open.size >= this.#limit) {
        this.#open.delete(file)
        this.#open.set(file, found)
      }
      return found
    }
    const descriptor = files.open(file, 'r')
    const opened = { descriptor, size: files.status(file).sizeBytes }
    this.#open.set(file, opened)
    for (const [oldest, { descriptor: oldDescriptor }] of this.#open) {
      if (this.#open.size <= this.#limit) break
      files.close(oldDescriptor)
      this.#open.delete(oldest)
    }
    return opened
  }
}

function isMissing(error: unknown): boolean {
  const cause =
    typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error
  return systemErrorCode(cause) === 'ENOENT'
}
