import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Repository, REPOSITORY_FOLDER } from '@dsv/core'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { setting } from './settings.ts'

const EXPLANATION = [
  '',
  '# Describe the change in a line; more may follow after an empty line.',
  '# Lines that begin with # are left out. An empty message gives up.',
  '',
].join('\n')

/** Asks for a message in the editor of the user. Returns it without the explanation. */
export async function editMessage(repository: Repository, io: CommandIo): Promise<string> {
  if (io.edit === undefined)
    throw new UsageError('A commit needs a message: give it with `-m`, or with `-F` from a file.')
  const file = path.join(repository.folder, REPOSITORY_FOLDER, 'local', 'COMMIT_EDITMSG')
  writeFileSync(file, EXPLANATION)
  try {
    const editor = setting(io, 'core.editor')
    await io.edit(file, editor === undefined ? undefined : String(editor))
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
      .trim()
  } finally {
    rmSync(file, { force: true })
  }
}
