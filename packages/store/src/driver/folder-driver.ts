import { randomUUID } from 'node:crypto'
import path from 'node:path'

import { systemErrorCode } from '../dsv-error.ts'
import { storageConflict, storageNotFound } from '../errors.ts'
import { hashBlob } from '../hash/blake3.ts'
import {
  type FileSystem,
  nodeFileSystem,
  readFully,
  storageError,
  withFile,
  writeFully,
} from './file-system.ts'
import { flushFiles } from './flush-files.ts'
import { withLockFile } from './lock-file.ts'
import type { StorageDriver, StorageEntry, StoragePath } from './storage-driver.ts'
import { checkStoragePath, checkStoragePrefix } from './storage-path.ts'

/** Settings of {@link folderDriver}. */
export interface FolderDriverOptions {
  /** See {@link StorageDriver.packBelowBytes}; 32 KiB by default. */
  readonly packBelowBytes?: number
  /** The system calls to use; those of the machine by default. */
  readonly files?: FileSystem
  /** How long to wait for the lock of a file that changes, in milliseconds; 10,000 by default. */
  readonly lockWaitMs?: number
}

/** A storage in a folder of this machine, with what only a folder can do. */
export interface FolderDriver extends StorageDriver {
  readonly localFolder: string
  readonly files: FileSystem
  /** Returns an absolute path in the folder for temporary files, which exists afterwards. */
  temporaryFile(): string
  /** Returns the absolute path of a file. @throws `DSV_STORAGE_PATH_INVALID` */
  absolutePath(path: StoragePath): string
  /** Notes files, by absolute path, that the next {@link StorageDriver.flush} must make durable. */
  noteUnflushed(files: Iterable<string>): void
  /** Moves a temporary file that was flushed to its place; the move is durable after the next flush. */
  adopt(temporary: string, path: StoragePath): void
}

/** Returns whether a storage is a folder of this machine. */
export function isFolderDriver(driver: StorageDriver): driver is FolderDriver {
  return driver.localFolder !== undefined && 'adopt' in driver
}

/**
 * Returns the storage in `folder`, an absolute path, which need not exist yet.
 *
 * All calls are synchronous inside: on Node 20 that is three to nine times faster than `fs.promises`.
 */
export function folderDriver(folder: string, options: FolderDriverOptions = {}): FolderDriver {
  const { packBelowBytes = 32 * 1024, files = nodeFileSystem, lockWaitMs = 10_000 } = options
  const temporaryFolder = path.join(folder, 'local', 'tmp')
  const known = new Set<string>()
  let unflushed = new Set<string>()

  function absolutePath(storagePath: StoragePath): string {
    checkStoragePath(storagePath)
    return path.join(folder, storagePath)
  }
  function ensureFolder(wanted: string): void {
    if (known.has(wanted)) return
    files.createFolder(wanted)
    known.add(wanted)
  }
  function temporaryFile(): string {
    ensureFolder(temporaryFolder)
    return path.join(temporaryFolder, randomUUID())
  }
  /** Renames; a folder that was deleted under us is made again. */
  function moveInto(temporary: string, target: string): void {
    ensureFolder(path.dirname(target))
    try {
      files.rename(temporary, target)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
      known.clear()
      ensureFolder(path.dirname(target))
      files.rename(temporary, target)
    }
  }
  function writeTemporary(bytes: Uint8Array, durable: boolean): string {
    const temporary = temporaryFile()
    try {
      withFile(files, temporary, 'wx', (descriptor) => {
        writeFully(files, descriptor, bytes)
        if (durable) files.fsync(descriptor)
      })
      return temporary
    } catch (error) {
      removeFile(files, temporary)
      throw error
    }
  }
  function writeWhole(target: string, bytes: Uint8Array): void {
    const temporary = writeTemporary(bytes, false)
    try {
      moveInto(temporary, target)
    } catch (error) {
      removeFile(files, temporary)
      throw error
    }
  }
  function readWhole(file: string): Buffer | undefined {
    try {
      return withFile(files, file, 'r', (descriptor) =>
        readFully(files, descriptor, 0, files.status(file).sizeBytes),
      )
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  function swap(storagePath: StoragePath, expected: string | undefined, bytes: Uint8Array): string {
    const target = absolutePath(storagePath)
    const now = readWhole(target)
    if ((now && hashBlob(now)) !== expected) throw storageConflict(folder, storagePath)
    const temporary = writeTemporary(bytes, true)
    try {
      moveInto(temporary, target)
    } catch (error) {
      removeFile(files, temporary)
      throw error
    }
    flushFiles(files, folder, [path.dirname(target)])
    return hashBlob(bytes)
  }
  async function guarded<Result>(
    storagePath: string,
    run: () => Result | Promise<Result>,
  ): Promise<Result> {
    try {
      return await run()
    } catch (error) {
      throw storageError(error, path.join(folder, storagePath))
    }
  }

  return {
    location: folder,
    localFolder: folder,
    packBelowBytes,
    files,
    temporaryFile,
    absolutePath,
    read: (storagePath) =>
      guarded(storagePath, () => {
        const bytes = readWhole(absolutePath(storagePath))
        if (bytes === undefined) throw storageNotFound(folder, storagePath)
        return bytes
      }),
    readRange: (storagePath, offset, length) =>
      guarded(storagePath, () => {
        const file = absolutePath(storagePath)
        try {
          return withFile(files, file, 'r', (descriptor) => {
            const { sizeBytes } = files.status(file)
            const from = offset < 0 ? Math.max(0, sizeBytes + offset) : offset
            const within = Math.max(0, Math.min(length, sizeBytes - from))
            return readFully(files, descriptor, from, within)
          })
        } catch (error) {
          throw isMissing(error) ? storageNotFound(folder, storagePath) : error
        }
      }),
    sizeOf: (storagePath) =>
      guarded(storagePath, () => {
        try {
          const found = files.status(absolutePath(storagePath))
          return found.isFile ? found.sizeBytes : undefined
        } catch (error) {
          if (isMissing(error)) return undefined
          throw error
        }
      }),
    write: (storagePath, bytes) =>
      guarded(storagePath, () => {
        const target = absolutePath(storagePath)
        // A file that a power cut damaged may lie there, so its bytes are compared.
        if (readWhole(target)?.equals(bytes) !== true) writeWhole(target, bytes)
        unflushed.add(target)
      }),
    list: (prefix) => listFiles(files, folder, prefix),
    delete: (storagePath) =>
      guarded(storagePath, () => {
        const target = absolutePath(storagePath)
        removeFile(files, target)
        unflushed.delete(target)
      }),
    readVersioned: (storagePath) =>
      guarded(storagePath, () => {
        const bytes = readWhole(absolutePath(storagePath))
        return bytes && { bytes, version: hashBlob(bytes) }
      }),
    replaceIf: (storagePath, expected, bytes) =>
      guarded(storagePath, () => {
        const target = absolutePath(storagePath)
        ensureFolder(path.dirname(target))
        return withLockFile(files, `${target}.lock`, () => swap(storagePath, expected, bytes), {
          waitMs: lockWaitMs,
        })
      }),
    flush: () =>
      guarded('', () => {
        const pending = unflushed
        unflushed = new Set()
        try {
          flushFiles(files, folder, pending)
        } catch (error) {
          for (const file of pending) unflushed.add(file)
          throw error
        }
      }),
    noteUnflushed(noted) {
      for (const file of noted) unflushed.add(file)
    },
    adopt(temporary, storagePath) {
      const target = absolutePath(storagePath)
      try {
        moveInto(temporary, target)
      } catch (error) {
        throw storageError(error, target)
      }
      unflushed.delete(temporary)
      unflushed.add(target)
    },
  }
}

/** Deletes a file; one that is already gone is no error. */
function removeFile(files: FileSystem, file: string): void {
  try {
    files.unlink(file)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = systemErrorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/**
 * Lists depth first; names of folders sort as if they ended in `/`, so the paths come sorted.
 *
 * @yields one entry for each file
 */
async function* listFiles(
  files: FileSystem,
  folder: string,
  prefix: StoragePath,
): AsyncGenerator<StorageEntry> {
  checkStoragePrefix(prefix)
  const cut = prefix.lastIndexOf('/') + 1
  yield* listFolder(files, folder, prefix.slice(0, cut), prefix)
}

function* listFolder(
  files: FileSystem,
  folder: string,
  parent: string,
  prefix: string,
): Generator<StorageEntry> {
  const names = namesIn(files, path.join(folder, parent))
    .map(({ name, isFolder }) => ({ path: parent + name + (isFolder ? '/' : ''), isFolder }))
    .filter((each) => each.path.startsWith(prefix) || prefix.startsWith(each.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  for (const each of names) {
    if (each.isFolder) {
      yield* listFolder(files, folder, each.path, prefix)
    } else {
      const entry = entryOf(files, folder, each.path)
      if (entry !== undefined) yield entry
    }
  }
}

function namesIn(
  files: FileSystem,
  folder: string,
): readonly { readonly name: string; readonly isFolder: boolean }[] {
  try {
    return files.list(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw storageError(error, folder)
  }
}

function entryOf(files: FileSystem, folder: string, file: string): StorageEntry | undefined {
  try {
    const { sizeBytes, modifiedMs, isFile } = files.status(path.join(folder, file))
    return isFile ? { path: file, sizeBytes, modifiedMs } : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw storageError(error, path.join(folder, file))
  }
}
