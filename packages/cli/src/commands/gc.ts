import { parseDate } from '@dsv/core'
import { collectGarbage, type CollectOptions, type CollectOutcome } from '@dsv/store'
import { type Command, defineCommand } from '../command.ts'
import type { CommandIo } from '../io.ts'
import { jsonText } from '../views/json-text.ts'
import { bytesText, countOf } from '../views/quantities.ts'
import { remoteOf, withRemote } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv gc`: removes what nothing refers to. */
export const gcCommand: Command = defineCommand({
  name: 'gc',
  summary: 'Remove what nothing refers to any more, and put small files together.',
  details: [
    'What no branch, tag, stage or recent operation needs is condemned first, and deleted by a later',
    'collection when the grace period is over. Writers need not wait. A remote counts the time by its own',
    'clock; on a dsv serve, collecting needs admin rights.',
  ].join('\n'),
  examples: [
    ['dsv gc', 'Collect'],
    ['dsv gc -n', 'Only say what would be done'],
    ['dsv gc --prune now', 'Delete at once what was condemned'],
    ['dsv gc --remote origin', 'Collect over there'],
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
      .option('remote', {
        type: 'string',
        describe: 'Collect in this remote, by name or address; default origin',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async ({ dryRun, prune, remote: named, json }, io) => {
    await withRepository(io, async (repository) => {
      const options: CollectOptions = {
        dryRun,
        ...(prune !== undefined && { graceMs: graceMs(prune, io) }),
      }
      if (named === undefined) {
        const nowMs = io.now().seconds * 1000
        report(await collectGarbage(repository.store, { ...options, nowMs }), { dryRun, json }, io)
        return
      }
      const remote = remoteOf(repository, named === '' ? undefined : named)
      await withRemote(remote, { base: repository.folder, io }, async ({ store }) => {
        const outcome = await collectGarbage(store, options)
        if (!json) io.out(`${remote.name}: `)
        report(outcome, { dryRun, json }, io)
      })
    })
  },
})

function report(
  outcome: CollectOutcome,
  { dryRun, json }: { readonly dryRun: boolean; readonly json: boolean },
  io: CommandIo,
): void {
  if (json) {
    io.out(jsonText(outcome))
    return
  }
  const { condemned, condemnedBytes, deleted, deletedBytes, repacked, reachable, remains } = outcome
  const would = dryRun ? 'would be ' : ''
  io.out(`${countOf(reachable, 'object')} in use.\n`)
  io.out(`${countOf(condemned, 'file')} (${bytesText(condemnedBytes)}) ${would}condemned, `)
  io.out(`${deleted} (${bytesText(deletedBytes)}) ${would}deleted, ${repacked} ${would}repacked.\n`)
  if (remains > 0) io.out(`${countOf(remains, 'trace')} of dead writers ${would}removed.\n`)
}

function graceMs(prune: string, io: CommandIo): number {
  const { seconds, offsetMinutes } = io.now()
  const before = parseDate(prune, { timeSeconds: seconds, tzMinutes: offsetMinutes })
  return Math.max(0, (seconds - before) * 1000)
}
