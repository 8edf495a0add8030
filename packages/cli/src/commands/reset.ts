import { reset, restore } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { repositoryPaths } from '../repository-path.ts'
import { splitRevisionAndPaths } from '../split-revision-and-paths.ts'
import { shortId, shortList } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv reset`: moves the branch, or unstages paths. */
export const resetCommand: Command = defineCommand({
  name: 'reset',
  positionals: '[words..]',
  summary: 'Move the branch that HEAD is on to a commit; or unstage paths.',
  details: [
    '--soft moves the branch alone, --mixed (the default) the stage too, --hard the files as well.',
    'What --hard writes over is stored first: `dsv undo` brings it back.',
  ].join('\n'),
  examples: [
    ['dsv reset --soft HEAD~1', 'Take back the last commit, keep it staged'],
    ['dsv reset --hard', 'Drop every change of tracked files'],
    ['dsv reset data/street', 'Unstage a dataset'],
  ],
  afterDashes: 'paths',
  describe: (options) =>
    options
      .positional('words', {
        type: 'string',
        array: true,
        describe: 'A commit (HEAD when left out), then paths',
      })
      .option('soft', { type: 'boolean', default: false, describe: 'Move only the branch' })
      .option('mixed', { type: 'boolean', default: false, describe: 'Move the stage too' })
      .option('hard', { type: 'boolean', default: false, describe: 'Move the files as well' }),
  run: async ({ words = [], soft, mixed, hard, '--': after = [] }, io) => {
    exclude({ soft, mixed, hard })
    await withRepository(io, async (repository) => {
      const split = await splitRevisionAndPaths(repository, io, words, after)
      const { revision = 'HEAD' } = split
      if (split.paths.length > 0) {
        if (soft || hard) throw new UsageError('Paths can only be unstaged: leave the mode out.')
        const paths = repositoryPaths(repository, io, split.paths)
        await restore(repository, { paths, staged: true, source: revision })
        io.out(`Unstaged ${shortList(split.paths)}\n`)
        return
      }
      const mode = soft ? 'soft' : hard ? 'hard' : 'mixed'
      const commitId = await reset(repository, { revision, mode })
      const what = {
        soft: '',
        mixed: ', and so is the stage',
        hard: ', and so are stage and files',
      }
      io.out(`HEAD is now at ${shortId(commitId)}${what[mode]}\n`)
    })
  },
})
