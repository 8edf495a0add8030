import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { writeByRename } from '@dsv/core'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'

/** A report says within so many bytes whose it is. */
const HEAD_BYTES = 1000

/**
 * Writes a report to a file that is not there yet, or that holds an earlier report.
 *
 * @param mark - Text that every such report holds in its first lines
 * @throws `UsageError` when the file holds something else
 */
export async function writeReport(
  io: CommandIo,
  typed: string,
  text: string,
  mark: string,
): Promise<void> {
  const file = path.resolve(io.folder, typed)
  if (existsSync(file) && !headOf(file).includes(mark))
    throw new UsageError(`${typed} holds something else than an earlier report.`)
  await writeByRename(file, Buffer.from(text))
}

function headOf(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(HEAD_BYTES)
    return bytes.toString('utf8', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}
