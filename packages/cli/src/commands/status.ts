import { isClean, status } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { typedPath } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { shortStatusLines, statusLines } from '../views/status-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv status`: what differs between the last commit, the stage and the disk. */
export const statusCommand: Command = defineCommand({
  name: 'status',
  summary: 'Show what differs between the last commit, the stage and the disk.',
  details: 'Changes of datasets that are staged are summed up; `dsv diff --staged` shows each.',
  examples: [
    ['dsv status', 'What the next commit will hold, and what it will not'],
    ['dsv status -s', 'One line for each path'],
  ],
  describe: (options) =>
    options
      .option('short', { alias: 's', type: 'boolean', default: false, describe: 'One path a line' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the status as JSON' }),
  run: async ({ short, json }, io) => {
    await withRepository(io, async (repository) => {
      const found = await status(repository)
      if (json) {
        io.out(jsonText({ ...found, isClean: isClean(found) }))
        return
      }
      const view = {
        paint: paintOf(io),
        typed: (path: string) => typedPath(repository, io, path),
      }
      const lines = short ? shortStatusLines(found, view) : statusLines(found, view)
      if (lines.length > 0) io.out(`${lines.join('\n')}\n`)
    })
  },
})
