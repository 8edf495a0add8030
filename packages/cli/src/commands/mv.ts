import { statSync } from 'node:fs'
import path from 'node:path'
import { movePath } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { repositoryPath } from '../repository-path.ts'
import { countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv mv`: moves a file, folder or dataset. */
export const mvCommand: Command = defineCommand({
  name: 'mv',
  positionals: '<from> <to>',
  summary: 'Move a file, folder or dataset, on disk and in the stage.',
  examples: [
    ['dsv mv data/street data/city', 'Rename a dataset'],
    ['dsv mv notes.md docs/', 'Move a file into a folder'],
  ],
  describe: (options) =>
    options
      .positional('from', { type: 'string', demandOption: true, describe: 'What to move' })
      .positional('to', {
        type: 'string',
        demandOption: true,
        describe: 'The new name, or a folder to move into',
      }),
  run: async ({ from, to }, io) => {
    await withRepository(io, async (repository) => {
      const target = isFolder(path.resolve(io.folder, to)) ? path.join(to, path.basename(from)) : to
      const request = {
        from: repositoryPath(repository, io, from),
        to: repositoryPath(repository, io, target),
      }
      const count = await movePath(repository, request)
      io.out(`Moved ${countOf(count, 'file')} from ${request.from} to ${request.to}\n`)
    })
  },
})

function isFolder(absolute: string): boolean {
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true
}
