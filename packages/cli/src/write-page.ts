import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { PAGE_MARK } from '@dsv/analysis'
import { writeByRename } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'

/**
 * Returns where a page is written: a new file, or in place of a page that an earlier command wrote. Called before the
 * work begins, so that a mistake costs nothing.
 *
 * @throws `UsageError` where something else lies there
 */
export function pageFile(typed: string, io: CommandIo): string {
  const file = path.resolve(io.folder, typed)
  try {
    if (beginOf(file) === PAGE_MARK) return file
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return inFolder(file, typed)
    if (systemErrorCode(error) !== 'EISDIR') throw error
  }
  throw new UsageError(`There is something else already at ${typed}`)
}

function beginOf(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(PAGE_MARK.length)
    return bytes.toString('utf8', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

function inFolder(file: string, typed: string): string {
  if (existsSync(path.dirname(file))) return file
  throw new UsageError(`There is no folder ${path.dirname(typed)}`)
}

/** Writes a page of HTML. */
export async function writePage(file: string, page: string): Promise<void> {
  await writeByRename(file, Buffer.from(page))
}
