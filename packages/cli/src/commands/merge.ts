import { merge } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { abortPending, continuePending, printMergeResult } from '../merge-command.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv merge`: joins another branch into this one. */
export const mergeCommand: Command = defineCommand({
  name: 'merge',
  positionals: '[revision]',
  summary: 'Join another branch into this one, box by box.',
  details: [
    'Conflicts do not stop a merge: everything else is merged and staged, the conflicts wait for',
    '`dsv resolve`. The exit code is 1 then.',
  ].join('\n'),
  examples: [
    ['dsv merge fix-labels', 'Merge a branch'],
    ['dsv merge -X theirs fix-labels', 'Where both changed one thing, take theirs'],
    ['dsv merge --abort', 'Give up a merge that waits'],
  ],
  describe: (options) =>
    options
      .positional('revision', { type: 'string', describe: 'The branch or commit to merge' })
      .option('message', {
        alias: 'm',
        type: 'string',
        array: true,
        describe: 'The message of the merge commit',
      })
      .option('strategy-option', {
        alias: 'X',
        choices: ['ours', 'theirs'] as const,
        describe: 'The side that settles conflicts ahead',
      })
      .option('ff-only', {
        type: 'boolean',
        default: false,
        describe: 'Refuse when this branch has commits of its own',
      })
      .option('no-ff', {
        type: 'boolean',
        default: false,
        describe: 'Make a merge commit in any case',
      })
      .option('no-commit', { type: 'boolean', default: false, describe: 'Stop before the commit' })
      .option('abort', { type: 'boolean', default: false, describe: 'Give up a merge that waits' })
      .option('continue', {
        type: 'boolean',
        default: false,
        describe: 'Commit a merge whose conflicts are settled',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async (args, io) => {
    exclude({ 'ff-only': args.ffOnly, 'no-ff': args.noFf })
    return withRepository(io, async (repository) => {
      if (args.abort) return abortPending(repository, io)
      if (args.continue) return continuePending(repository, io)
      const { revision, message, strategyOption } = args
      if (revision === undefined) throw new UsageError('`dsv merge` needs a branch or commit.')
      const result = await merge(repository, {
        revision,
        ffOnly: args.ffOnly,
        noFf: args.noFf,
        noCommit: args.noCommit,
        ...(message !== undefined && { message: message.join('\n\n') }),
        ...(strategyOption !== undefined && { favour: strategyOption }),
      })
      return printMergeResult(result, io, { verb: `Merged ${revision}`, json: args.json })
    })
  },
})
