import { undo } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { jsonText } from '../views/json-text.ts'
import { shortId } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv undo`: takes back the last operation. */
export const undoCommand: Command = defineCommand({
  name: 'undo',
  positionals: '[operation]',
  summary: 'Take back the last operation that is still in effect, whatever it was.',
  details: [
    'Branches, stage and the files that the operation wrote are what they were before. Again, it',
    'takes back the one before that. Undoing an undo, by its id, is a redo.',
  ].join('\n'),
  examples: [
    ['dsv undo', 'Take back the last operation'],
    ['dsv undo 4f1c0e', 'Take back one operation of `dsv op log`'],
  ],
  describe: (options) =>
    options
      .positional('operation', { type: 'string', describe: 'Id of an operation, or its beginning' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the operation as JSON' }),
  run: async ({ operation, json }, io) => {
    await withRepository(io, async (repository) => {
      const undone = await undo(repository, operation)
      io.out(json ? jsonText(undone) : `Took back ${shortId(undone.id)}: ${undone.description}\n`)
    })
  },
})
