import { findOperation, type Repository, restoreTo } from '@dsv/core'
import { readOperations } from '@dsv/store'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { didYouMean } from '../parse-arguments.ts'
import { jsonText } from '../views/json-text.ts'
import { operationLine, operationLines } from '../views/operation-lines.ts'
import { paintOf } from '../views/paint.ts'
import { shortId } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

const ACTIONS = ['log', 'show', 'restore']

/** `dsv op`: the log of operations. */
export const opCommand: Command = defineCommand({
  name: 'op',
  positionals: '[action] [operation]',
  summary: 'Look at the log of operations, and go back to one.',
  details: [
    'Actions: log (the default), show, restore. Each command that changed something is an operation;',
    'restore brings branches, stage and files to what they were right after one.',
  ].join('\n'),
  examples: [
    ['dsv op log -n 5', 'The last five operations'],
    ['dsv op show 4f1c0e', 'What an operation changed'],
    ['dsv op restore 4f1c0e', 'Go back to right after an operation'],
  ],
  describe: (options) =>
    options
      .positional('action', { type: 'string', default: 'log', describe: ACTIONS.join(', ') })
      .positional('operation', { type: 'string', describe: 'Id of an operation, or its beginning' })
      .option('max-count', { alias: 'n', type: 'number', describe: 'At most so many' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ action, operation, maxCount, json }, io) => {
    await withRepository(io, async (repository) => {
      if (action === 'log') {
        await printLog(repository, io, { limit: maxCount, json })
        return
      }
      if (action !== 'show' && action !== 'restore')
        throw new UsageError(
          `There is no action "${action}" of \`dsv op\`.${didYouMean(action, ACTIONS)}`,
        )
      if (operation === undefined) throw new UsageError(`\`dsv op ${action}\` needs an operation.`)
      if (action === 'show') {
        const found = await findOperation(repository, operation)
        if (json) io.out(jsonText(found))
        else for (const line of operationLines(found, paintOf(io))) io.out(`${line}\n`)
        return
      }
      const restored = await restoreTo(repository, operation)
      io.out(`Everything is as it was after ${shortId(restored.id)}: ${restored.description}\n`)
    })
  },
})

async function printLog(
  repository: Repository,
  io: CommandIo,
  { limit, json }: { readonly limit: number | undefined; readonly json: boolean },
): Promise<void> {
  const paint = paintOf(io)
  const operations = readOperations(repository.store, limit === undefined ? {} : { limit })
  if (json) {
    let separator = '['
    for await (const operation of operations) {
      io.out(separator + jsonText(operation).trimEnd())
      separator = ','
    }
    io.out(separator === '[' ? '[]\n' : ']\n')
    return
  }
  for await (const operation of operations) {
    io.signal.throwIfAborted()
    io.out(`${operationLine(operation, io.now().offsetMinutes, paint)}\n`)
  }
}
