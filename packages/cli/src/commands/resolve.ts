import { type ConflictChoice, resolve } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { selectConflicts } from '../select-conflicts.ts'
import { conflictLines } from '../views/conflict-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { countLosses, lossLines } from '../views/loss-lines.ts'
import { paintOf } from '../views/paint.ts'
import { countOf } from '../views/quantities.ts'
import { repositoryPaths } from '../repository-path.ts'
import { withRepository } from '../with-repository.ts'

const CHOICES = ['ours', 'theirs', 'both', 'base'] as const

/** `dsv resolve`: settles conflicts. */
export const resolveCommand: Command = defineCommand({
  name: 'resolve',
  positionals: '[which..]',
  summary: 'Settle conflicts of a merge: by number, by path, by query, or all.',
  details: 'When none is left, `dsv commit` concludes the merge.',
  examples: [
    ['dsv resolve --ours 1 3', 'Take our side of two conflicts, numbered as in `dsv status`'],
    ['dsv resolve --theirs data/street', 'Take their side in a dataset'],
    [`dsv resolve --both --where 'category = "car"'`, 'Keep the cars of both sides'],
    ['dsv resolve --theirs --all', 'Take their side of all that is left'],
  ],
  describe: (options) =>
    options
      .positional('which', {
        type: 'string',
        array: true,
        describe: 'Numbers of conflicts, or paths of files and datasets',
      })
      .option('ours', { type: 'boolean', default: false, describe: 'What we had before the merge' })
      .option('theirs', { type: 'boolean', default: false, describe: 'What the other side has' })
      .option('both', { type: 'boolean', default: false, describe: 'Keep the two side by side' })
      .option('base', { type: 'boolean', default: false, describe: 'What both began with' })
      .option('where', { type: 'string', describe: 'Only conflicts about what matches a query' })
      .option('all', { type: 'boolean', default: false, describe: 'All open conflicts' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async ({ which = [], where, all, json, ...args }, io) => {
    const chosen = CHOICES.filter((choice) => args[choice])
    const [choice] = chosen
    if (choice === undefined || chosen.length > 1)
      throw new UsageError('Say how: one of --ours, --theirs, --both, --base.')
    if (which.length === 0 && where === undefined && !all)
      throw new UsageError('Say which: numbers, paths, --where, or --all.')
    await withRepository(io, async (repository) => {
      const numbers = which.filter((each) => /^\d+$/u.test(each)).map(Number)
      const paths = which.filter((each) => !/^\d+$/u.test(each))
      const select = selectConflicts({
        numbers,
        paths: repositoryPaths(repository, io, paths),
        ...(where !== undefined && { where }),
      })
      const outcome = await resolve(repository, { choice: choice satisfies ConflictChoice, select })
      if (json) {
        io.out(jsonText(outcome))
        return
      }
      io.out(`Settled ${countOf(outcome.resolved.length, 'conflict')} with ${choice}. `)
      if (outcome.left.length === 0) io.out('None is left: conclude with `dsv commit`.\n')
      else {
        io.out(`${countOf(outcome.left.length, 'is', 'are')} left.\n`)
        for (const line of conflictLines(outcome.left, paintOf(io))) io.out(`${line}\n`)
      }
      for (const line of lossLines(countLosses(outcome.losses), 'the files cannot hold'))
        io.note(`${line}\n`)
    })
  },
})
