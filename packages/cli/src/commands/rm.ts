import { removePaths } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { repositoryPaths } from '../repository-path.ts'
import { countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv rm`: removes files from the stage and from disk. */
export const rmCommand: Command = defineCommand({
  name: 'rm',
  positionals: '[paths..]',
  summary: 'Remove files and folders from the stage, and from disk.',
  details: 'Items whose files go are gone from their dataset. `dsv undo` brings everything back.',
  examples: [
    ['dsv rm data/street/JPEGImages/000012.jpg', 'Remove an image and its item'],
    ['dsv rm -r --cached data/tmp', 'Stop tracking a folder, keep its files'],
  ],
  describe: (options) =>
    options
      .positional('paths', { type: 'string', array: true, describe: 'What to remove' })
      .option('cached', { type: 'boolean', default: false, describe: 'Leave the files on disk' })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Remove files with local changes too',
      })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'Say nothing' })
      .option('recursive', {
        alias: 'r',
        type: 'boolean',
        default: false,
        describe: 'Folders are always removed with what is in them; for those used to Git',
      }),
  run: async ({ paths = [], cached, force, quiet }, io) => {
    if (paths.length === 0) throw new UsageError('`dsv rm` needs a path.')
    await withRepository(io, async (repository) => {
      const named = repositoryPaths(repository, io, paths)
      const count = await removePaths(repository, { paths: named, cached, force })
      const place = cached ? ' from the stage; they are still on disk' : ''
      if (!quiet) io.out(`Removed ${countOf(count, 'file')}${place}.\n`)
    })
  },
})
