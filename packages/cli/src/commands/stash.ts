import { type Repository, stashApply, stashDrop, stashEntries, stashPush } from '@dsv/core'
import { type Command, defineCommand, DONE } from '../command.ts'
import { didYouMean } from '../parse-arguments.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { printMergeResult } from '../merge-command.ts'
import { subjectOf } from '../views/commit-text.ts'
import { jsonText } from '../views/json-text.ts'
import { withRepository } from '../with-repository.ts'

const ACTIONS = ['push', 'pop', 'apply', 'list', 'drop']

/** `dsv stash`: puts changes away and brings them back. */
export const stashCommand: Command = defineCommand({
  name: 'stash',
  positionals: '[action] [entry]',
  summary: 'Put changes of tracked files away, and bring them back.',
  details: 'Actions: push (the default), pop, apply, list, drop. Entry 0 is the newest.',
  examples: [
    ['dsv stash', 'Put all changes away'],
    ['dsv stash pop', 'Bring the newest back, and forget it'],
    ['dsv stash list', 'Show what was put away'],
  ],
  describe: (options) =>
    options
      .positional('action', { type: 'string', default: 'push', describe: ACTIONS.join(', ') })
      .positional('entry', {
        type: 'string',
        default: '0',
        describe: 'A number, or stash@{number}',
      })
      .option('message', { alias: 'm', type: 'string', describe: 'What was put away' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' }),
  run: async ({ action, entry, message, json }, io) => {
    const position = positionOf(entry)
    return withRepository(io, async (repository) => {
      switch (action) {
        case 'push':
          io.out(`Put away: ${subjectOf((await stashPush(repository, message)).commit.message)}\n`)
          return DONE
        case 'pop':
        case 'apply': {
          const result = await stashApply(repository, { position, drop: action === 'pop' })
          if (result.type !== 'conflicts' && !json) {
            io.out(`Brought back stash ${position}${action === 'pop' ? ' and forgot it' : ''}.\n`)
            return DONE
          }
          return printMergeResult(result, io, { verb: `Brought back stash ${position}`, json })
        }
        case 'list':
          await printEntries(repository, io, json)
          return DONE
        case 'drop':
          io.out(`Forgot: ${subjectOf((await stashDrop(repository, position)).commit.message)}\n`)
          return DONE
        default:
          throw new UsageError(
            `There is no action "${action}" of \`dsv stash\`.${didYouMean(action, ACTIONS)}`,
          )
      }
    })
  },
})

function positionOf(entry: string): number {
  const [, digits] = /^(?:stash@\{)?(\d{1,9})\}?$/u.exec(entry) ?? []
  if (digits === undefined) throw new UsageError(`"${entry}" is no entry: give its number.`)
  return Number(digits)
}

async function printEntries(repository: Repository, io: CommandIo, json: boolean): Promise<void> {
  const entries = await stashEntries(repository)
  if (json) io.out(jsonText(entries))
  else
    for (const { position, commit } of entries)
      io.out(`stash@{${position}}: ${subjectOf(commit.message)}\n`)
}
