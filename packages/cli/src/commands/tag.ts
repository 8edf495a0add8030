import { createTag, deleteTag, type Repository, tags } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { subjectOf } from '../views/commit-text.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { shortId } from '../views/quantities.ts'
import { listLines } from '../views/table-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv tag`: lists, makes and deletes tags. */
export const tagCommand: Command = defineCommand({
  name: 'tag',
  positionals: '[names..]',
  summary: 'List tags; or name a commit for good, or delete tags.',
  examples: [
    ['dsv tag', 'List the tags'],
    ['dsv tag v1.0 -m "as published"', 'Tag HEAD, with who, when and why'],
    ['dsv tag v0.9 main~3', 'Tag an older commit'],
  ],
  describe: (options) =>
    options
      .positional('names', {
        type: 'string',
        array: true,
        describe: 'The new tag and the commit it names (HEAD when left out)',
      })
      .option('message', {
        alias: 'm',
        type: 'string',
        array: true,
        describe: 'Make an annotated tag with this message',
      })
      .option('annotate', {
        alias: 'a',
        type: 'boolean',
        default: false,
        describe: 'Make an annotated tag; needs -m',
      })
      .option('delete', { alias: 'd', type: 'boolean', default: false, describe: 'Delete tags' })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Move a tag that is there already',
      })
      .option('list', { alias: 'l', type: 'boolean', default: false, describe: 'List tags' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' }),
  run: async ({ names = [], message, annotate, json, ...args }, io) => {
    await withRepository(io, async (repository) => {
      const [name, revision, third] = names
      if (name === undefined || args.list) {
        if (args.delete) throw new UsageError('Say which tag is to be deleted.')
        await printTags(repository, io, json)
        return
      }
      if (args.delete) {
        for (const each of names) {
          await deleteTag(repository, each)
          io.out(`Deleted tag ${each}\n`)
        }
        return
      }
      if (third !== undefined) throw new UsageError('`dsv tag` needs a name and a commit.')
      if (annotate && message === undefined)
        throw new UsageError('An annotated tag needs a message: give it with -m.')
      const commitId = await createTag(repository, name, {
        force: args.force,
        ...(revision !== undefined && { revision }),
        ...(message !== undefined && { message: message.join('\n\n') }),
      })
      io.out(`Tagged ${shortId(commitId)} as ${name}\n`)
    })
  },
})

async function printTags(repository: Repository, io: CommandIo, json: boolean): Promise<void> {
  const found = await tags(repository)
  if (json) {
    io.out(jsonText(found))
    return
  }
  const paint = paintOf(io)
  const rows = found.map(({ name, commitId, tag }) => [
    name,
    paint.id(shortId(commitId)),
    ...(tag === undefined ? [] : [subjectOf(tag.message)]),
  ])
  for (const line of listLines(rows)) io.out(`${line}\n`)
}
