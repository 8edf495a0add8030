import { cherryPick } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { abortPending, continuePending, printMergeResult } from '../merge-command.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv cherry-pick`: make the change of a commit once more, on top of HEAD. */
export const cherryPickCommand: Command = defineCommand({
  name: 'cherry-pick',
  positionals: '[revision]',
  summary: 'Make the change of a commit once more, on top of HEAD.',
  examples: [
    ['dsv cherry-pick fix-labels~1', 'Apply one commit'],
    ['dsv cherry-pick -m 1 main', 'Apply a merge, as seen from its first parent'],
    ['dsv cherry-pick --abort', 'Give up when there are conflicts'],
  ],
  describe: (options) =>
    options
      .positional('revision', { type: 'string', describe: 'The commit' })
      .option('mainline', {
        alias: 'm',
        type: 'number',
        describe: 'The parent of a merge that its change is counted from; 1 is the first',
      })
      .option('no-commit', {
        alias: 'n',
        type: 'boolean',
        default: false,
        describe: 'Stop before the commit',
      })
      .option('abort', { type: 'boolean', default: false, describe: 'Give up' })
      .option('continue', {
        type: 'boolean',
        default: false,
        describe: 'Commit when the conflicts are settled',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ revision, mainline, noCommit, json, ...args }, io) => {
    return withRepository(io, async (repository) => {
      if (args.abort) return abortPending(repository, io)
      if (args.continue) return continuePending(repository, io)
      if (revision === undefined) throw new UsageError('`dsv cherry-pick` needs a commit.')
      const result = await cherryPick(repository, {
        revision,
        noCommit,
        ...(mainline !== undefined && { mainline }),
      })
      return printMergeResult(result, io, { verb: `Cherry-picked ${revision}`, json })
    })
  },
})
