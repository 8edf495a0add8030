import { restore } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { repositoryPaths } from '../repository-path.ts'
import { shortList } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv restore`: brings files back. */
export const restoreCommand: Command = defineCommand({
  name: 'restore',
  positionals: '[paths..]',
  summary: 'Bring files back as the stage or a commit has them.',
  details: 'What is written over is stored first: `dsv undo` brings it back.',
  examples: [
    ['dsv restore data/street', 'Drop the edits of a dataset that are not staged'],
    ['dsv restore --staged .', 'Unstage everything, keep the files'],
    ['dsv restore --source v1.0 data/street', 'Bring back the files of a version'],
  ],
  describe: (options) =>
    options
      .positional('paths', { type: 'string', array: true, describe: 'Files and folders' })
      .option('source', {
        alias: 's',
        type: 'string',
        describe: 'The revision to take them from; else the stage, or HEAD with --staged',
      })
      .option('staged', {
        alias: 'S',
        type: 'boolean',
        default: false,
        describe: 'Restore the stage',
      })
      .option('worktree', {
        alias: 'W',
        type: 'boolean',
        describe: 'Restore the files on disk (the default, unless --staged is given)',
      }),
  run: async ({ paths = [], source, staged, worktree }, io) => {
    if (paths.length === 0) throw new UsageError('`dsv restore` needs a path. Use `.` for all.')
    await withRepository(io, async (repository) => {
      await restore(repository, {
        paths: repositoryPaths(repository, io, paths),
        staged,
        ...(source !== undefined && { source }),
        ...(worktree === true && { worktree }),
      })
      const what = staged && worktree !== true ? 'Unstaged' : 'Restored'
      io.out(`${what} ${shortList(paths)}\n`)
    })
  },
})
