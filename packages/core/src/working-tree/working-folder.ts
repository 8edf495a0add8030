import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import path from 'node:path'
import { giveWay, systemErrorCode } from '@dsv/store'
import { fileNotFound } from '../errors.ts'
import type { Folder, OpenFile } from '../format/format-adapter.ts'

/** A folder on disk that remembers which of its files were read. */
export interface WorkingFolder extends Folder {
  /** Paths that `read` or `open` were called for, relative to the folder. */
  readonly used: ReadonlySet<string>
}

/** Which files of a folder count, by path relative to it. */
export interface TrackedPaths {
  /** All of them, sorted. */
  list(): Promise<readonly string[]>
  has(path: string): Promise<boolean>
}

/**
 * Returns the tracked files of the folder `root` on disk, and nothing else that lies there.
 *
 * @param stored - Where tracked files are read that are not on disk, as in a partial clone
 */
export function workingFolder(root: string, tracked: TrackedPaths, stored?: Folder): WorkingFolder {
  const used = new Set<string>()
  let all: Promise<readonly string[]> | undefined
  const need = async (inside: string): Promise<string> => {
    if (!(await tracked.has(inside))) throw fileNotFound(inside)
    used.add(inside)
    await giveWay()
    return path.join(root, inside)
  }
  return {
    used,
    list: async (under) => {
      all ??= tracked.list()
      const paths = await all
      return under === undefined || under === ''
        ? paths
        : paths.filter((inside) => inside.startsWith(`${under}/`))
    },
    has: async (inside) => tracked.has(inside),
    read: async (inside) => {
      const file = await need(inside)
      return stored === undefined || existsSync(file) ? readFileSync(file) : stored.read(inside)
    },
    open: async (inside) => {
      const file = await need(inside)
      return stored === undefined || existsSync(file)
        ? openOnDisk(file, inside)
        : stored.open(inside)
    },
  }
}

function openOnDisk(file: string, inside: string): OpenFile {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw fileNotFound(inside)
    throw error
  }
  return {
    sizeBytes: fstatSync(descriptor).size,
    read: async (offset, length) => {
      await giveWay()
      const bytes = Buffer.allocUnsafe(length)
      let done = 0
      while (done < length) {
        const count = readSync(descriptor, bytes, done, length - done, offset + done)
        if (count === 0) break
        done += count
      }
      return bytes.subarray(0, done)
    },
    close: async () => closeSync(descriptor),
  }
}
