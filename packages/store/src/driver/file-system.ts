import fs from 'node:fs'

import { systemErrorCode } from '../dsv-error.ts'
import { storageDenied, storageFailed, storageFull } from '../errors.ts'
import { syncWholeFileSystem } from './sync-file-system.ts'

/** What is known of a file. */
export interface FileStatus {
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly isFile: boolean
  readonly isFolder: boolean
}

/**
 * The system calls that the store makes to write: all of them, so that a test can stop or fail at
 * every one. Paths are absolute. They throw what `node:fs` throws.
 */
export interface FileSystem {
  /** Opens with the flags of `fs.open`. */
  open(file: string, flags: string): number
  /** Closes a descriptor. */
  close(descriptor: number): void
  /** Reads up to `length` bytes at `position` into `target` and returns how many. */
  read(descriptor: number, target: Uint8Array, length: number, position: number): number
  /** Writes some of `bytes` at the descriptor's position and returns how many. */
  write(descriptor: number, bytes: Uint8Array): number
  /** Makes what was written durable. */
  fsync(descriptor: number): void
  /** Renames a file, over one that is there. */
  rename(from: string, to: string): void
  /** Deletes a file. */
  unlink(file: string): void
  /** Creates a folder and those above it. */
  createFolder(folder: string): void
  /** Removes an empty folder. */
  removeFolder(folder: string): void
  /** Returns size and times of what lies there, links followed. */
  status(file: string): FileStatus
  /** Names in a folder, with whether each is a folder itself. */
  list(folder: string): readonly { readonly name: string; readonly isFolder: boolean }[]
  /** Makes all of the file system of `folder` durable; false when this system cannot. */
  syncAll(folder: string): boolean
}

/** The {@link FileSystem} of this machine. */
export const nodeFileSystem: FileSystem = {
  open: (file, flags) => fs.openSync(file, flags),
  close: (descriptor) => fs.closeSync(descriptor),
  read: (descriptor, target, length, position) =>
    fs.readSync(descriptor, target, 0, length, position),
  write: (descriptor, bytes) => fs.writeSync(descriptor, bytes),
  fsync: (descriptor) => fs.fsyncSync(descriptor),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (file) => fs.unlinkSync(file),
  createFolder: (folder) => void fs.mkdirSync(folder, { recursive: true }),
  removeFolder: (folder) => fs.rmdirSync(folder),
  status(file) {
    const found = fs.statSync(file)
    return {
      sizeBytes: found.size,
      modifiedMs: found.mtimeMs,
      isFile: found.isFile(),
      isFolder: found.isDirectory(),
    }
  },
  list: (folder) =>
    fs
      .readdirSync(folder, { withFileTypes: true })
      .map((each) => ({ name: each.name, isFolder: each.isDirectory() })),
  syncAll: syncWholeFileSystem,
}

/** Writes all of `bytes` at the position of the descriptor. */
export function writeFully(files: FileSystem, descriptor: number, bytes: Uint8Array): void {
  let at = 0
  while (at < bytes.length) at += files.write(descriptor, at === 0 ? bytes : bytes.subarray(at))
}

/** Reads `length` bytes from `position`; fewer when the file ends before. */
export function readFully(
  files: FileSystem,
  descriptor: number,
  position: number,
  length: number,
): Buffer {
  const target = Buffer.allocUnsafe(length)
  let at = 0
  while (at < length) {
    const got = files.read(descriptor, target.subarray(at), length - at, position + at)
    if (got === 0) break
    at += got
  }
  return at === length ? target : target.subarray(0, at)
}

/** Runs `use` with an open file and closes it whatever happens. */
export function withFile<Result>(
  files: FileSystem,
  file: string,
  flags: string,
  use: (descriptor: number) => Result,
): Result {
  const descriptor = files.open(file, flags)
  try {
    return use(descriptor)
  } finally {
    files.close(descriptor)
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS'])

/**
 * Returns our error for one of the system, to be thrown. What is no error of the system comes back
 * as it is.
 */
export function storageError(error: unknown, path: string): unknown {
  const code = systemErrorCode(error)
  if (code === undefined || code.startsWith('DSV_')) return error
  if (FULL.has(code)) return storageFull(path, error)
  if (DENIED.has(code)) return storageDenied(path, error)
  return storageFailed(path, error)
}
