import { parseDate } from '@dsv/core'
import { collectGarbage } from '@dsv/store'
import { type Command, defineCommand } from '../command.ts'
import type { CommandIo } from '../io.ts'
import { jsonText } from '../views/json-text.ts'
import { bytesText, countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv gc`: removes what nothing refers to. */
export const gcCommand: Command = defineCommand({
  name: 'gc',
  summary: 'Remove what nothing refers to any more, and put small files together.',
  details: [
    'What no branch, tag, stage or recent operation needs is condemned first, and deleted by a later',
    'collection when the grace period is over. Writers need not wait.',
  ].join('\n'),
  examples: [
    ['dsv gc', 'Collect'],
    ['dsv gc -n', 'Only say what would be done'],
    ['dsv gc --prune now', 'Delete at once what was condemned'],
  ],
  describe: (options) =>
    options
      .option('dry-run', {
        alias: 'n',
        type: 'boolean',
        default: false,
        describe: 'Only say what would be done',
      })
      .option('prune', {
        type: 'string',
        describe: 'Delete what was condemned before this time: now, 2.weeks, 2026-01-31',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async ({ dryRun, prune, json }, io) => {
    await withRepository(io, async ({ store }) => {
      const outcome = await collectGarbage(store, {
        dryRun,
        nowMs: io.now().seconds * 1000,
        ...(prune !== undefined && { graceMs: graceMs(prune, io) }),
      })
      if (json) {
        io.out(jsonText(outcome))
        return
      }
      const { condemned, condemnedBytes, deleted, deletedBytes, repacked, reachable, remains } =
        outcome
      const would = dryRun ? 'would be ' : ''
      io.out(`${countOf(reachable, 'object')} in use.\n`)
      io.out(`${countOf(condemned, 'file')} (${bytesText(condemnedBytes)}) ${would}condemned, `)
      io.out(
        `${deleted} (${bytesText(deletedBytes)}) ${would}deleted, ${repacked} ${would}repacked.\n`,
      )
      if (remains > 0) io.out(`${countOf(remains, 'trace')} of dead writers ${would}removed.\n`)
    })
  },
})

function graceMs(prune: string, io: CommandIo): number {
  const { seconds, offsetMinutes } = io.now()
  const before = parseDate(prune, { timeSeconds: seconds, tzMinutes: offsetMinutes })
  return Math.max(0, (seconds - before) * 1000)
}
