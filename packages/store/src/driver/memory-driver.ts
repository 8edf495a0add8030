import { storageConflict, storageNotFound } from '../errors.ts'
import { hashBlob } from '../hash/blake3.ts'
import type { StorageDriver, StorageEntry, StoragePath } from './storage-driver.ts'
import { checkStoragePath, checkStoragePrefix } from './storage-path.ts'

/** What {@link memoryDriver} does unlike a folder. */
export interface MemoryDriverOptions {
  /** For messages; `memory` by default. */
  readonly location?: string
  /** See {@link StorageDriver.packBelowBytes}; 32 KiB by default. */
  readonly packBelowBytes?: number
  /** Milliseconds since 1970 UTC; the clock of the machine by default. */
  readonly nowMs?: () => number
}

/** Returns a storage that lives as long as it is referred to. */
export function memoryDriver(options: MemoryDriverOptions = {}): StorageDriver {
  const { location = 'memory', packBelowBytes = 32 * 1024, nowMs = Date.now } = options
  const files = new Map<StoragePath, { readonly bytes: Uint8Array; readonly modifiedMs: number }>()

  function bytesOf(path: StoragePath): Uint8Array {
    checkStoragePath(path)
    const file = files.get(path)
    if (file === undefined) throw storageNotFound(location, path)
    return file.bytes
  }
  function put(path: StoragePath, bytes: Uint8Array): void {
    checkStoragePath(path)
    files.set(path, { bytes: Uint8Array.from(bytes), modifiedMs: nowMs() })
  }

  return {
    location,
    localFolder: undefined,
    packBelowBytes,
    read: async (path) => Uint8Array.from(bytesOf(path)),
    async readRange(path, offset, length) {
      const bytes = bytesOf(path)
      const from = offset < 0 ? Math.max(0, bytes.length + offset) : offset
      return bytes.slice(from, from + length)
    },
    async sizeOf(path) {
      checkStoragePath(path)
      return files.get(path)?.bytes.length
    },
    write: async (path, bytes) => put(path, bytes),
    async *list(prefix): AsyncIterable<StorageEntry> {
      checkStoragePrefix(prefix)
      const paths = [...files.keys()].filter((path) => path.startsWith(prefix))
      for (const path of paths.toSorted()) {
        const file = files.get(path)
        if (file === undefined) continue
        yield { path, sizeBytes: file.bytes.length, modifiedMs: file.modifiedMs }
      }
    },
    async delete(path) {
      checkStoragePath(path)
      files.delete(path)
    },
    async readVersioned(path) {
      checkStoragePath(path)
      const bytes = files.get(path)?.bytes
      return bytes && { bytes: Uint8Array.from(bytes), version: hashBlob(bytes) }
    },
    async replaceIf(path, expected, bytes) {
      checkStoragePath(path)
      const now = files.get(path)?.bytes
      if ((now && hashBlob(now)) !== expected) throw storageConflict(location, path)
      put(path, bytes)
      return hashBlob(bytes)
    },
    flush: async () => {},
  }
}
