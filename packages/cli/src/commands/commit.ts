import { readFileSync } from 'node:fs'
import path from 'node:path'
import { commit, type CommitRequest, type Identity, parseDate, type Repository } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { editMessage } from '../edit-message.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { setting } from '../settings.ts'
import { commitText } from '../views/commit-text.ts'
import { jsonText } from '../views/json-text.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv commit`: records the stage. */
export const commitCommand: Command = defineCommand({
  name: 'commit',
  summary: 'Record the stage as a commit, and move the branch to it.',
  details: [
    'Without -m or -F the message is that of the merge that is being finished, or of the commit that',
    'is amended; else an editor asks for it (DSV_EDITOR, VISUAL, EDITOR).',
    '`dsv config commit.check true` makes every commit check the datasets that changed.',
  ].join('\n'),
  examples: [
    ['dsv commit -m "first labels"', 'Record what is staged'],
    ['dsv commit -am "relabel vans"', 'Stage all edits of tracked files first'],
    ['dsv commit --amend -m "better words"', 'Replace the last commit'],
  ],
  describe: (options) =>
    options
      .option('message', {
        alias: 'm',
        type: 'string',
        array: true,
        describe: 'The message; more than one become paragraphs',
      })
      .option('file', {
        alias: 'F',
        type: 'string',
        conflicts: 'message',
        describe: 'Read the message from a file; - is standard input',
      })
      .option('all', {
        alias: 'a',
        type: 'boolean',
        default: false,
        describe: 'Stage every edit and removal of tracked files first',
      })
      .option('amend', { type: 'boolean', default: false, describe: 'Replace the last commit' })
      .option('allow-empty', {
        type: 'boolean',
        default: false,
        describe: 'Commit even when nothing changed',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        describe: 'Check the datasets that changed first, and refuse on errors',
      })
      .option('no-check', {
        type: 'boolean',
        default: false,
        describe: 'Commit without the checks that `commit.check` asks for',
      })
      .option('author', { type: 'string', describe: 'Who made the change: "Name <email>"' })
      .option('date', { type: 'string', describe: 'When it was made' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the commit as JSON' }),
  run: async ({ message, file, all, amend, allowEmpty, author, date, json, ...args }, io) => {
    exclude({ check: args.check, 'no-check': args.noCheck })
    const isChecked = args.check || (!args.noCheck && setting(io, 'commit.check') === true)
    await withRepository(io, async (repository) => {
      const request: CommitRequest = {
        message: await messageOf(repository, io, { message, file, amend }),
        all,
        amend,
        allowEmpty,
        ...(author !== undefined && { author: readAuthor(author) }),
        ...(date !== undefined && { authorTime: readDate(date, io) }),
        ...(isChecked && {
          inspect: async (changed) => (await import('../check-commit.ts')).checkCommit(changed, io),
        }),
      }
      const made = await commit(repository, request)
      io.out(json ? jsonText(made) : `${commitText(made)}\n`)
    })
  },
})

async function messageOf(
  repository: Repository,
  io: CommandIo,
  given: {
    readonly message: readonly string[] | undefined
    readonly file: string | undefined
    readonly amend: boolean
  },
): Promise<string> {
  if (given.message !== undefined) return given.message.join('\n\n')
  if (given.file === '-') return io.readInput()
  if (given.file !== undefined) return readFileSync(path.resolve(io.folder, given.file), 'utf8')
  const { work, headCommit } = await repository.state()
  if (work.merge !== undefined) return work.merge.message
  if (given.amend && headCommit !== undefined) return (await repository.commit(headCommit)).message
  return editMessage(repository, io)
}

function readAuthor(text: string): Identity {
  const [, name, email] = /^\s*([^<>]*[^<>\s])\s*<([^<>]*)>\s*$/u.exec(text) ?? []
  if (name === undefined || email === undefined)
    throw new UsageError(`Author "${text}" should be written as "Name <email>".`)
  return { name, email }
}

function readDate(text: string, io: CommandIo): { seconds: number; offsetMinutes: number } {
  const { seconds, offsetMinutes } = io.now()
  const when = parseDate(text, { timeSeconds: seconds, tzMinutes: offsetMinutes })
  return { seconds: when, offsetMinutes }
}
