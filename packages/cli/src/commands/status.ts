import { isClean, status } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { typedPath } from '../repository-path.ts'
import { type PipelineStatus, pipelineStatus } from '../pipeline-status.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { shortStatusLines, statusLines } from '../views/status-lines.ts'
import { staleLines } from '../views/stale-lines.ts'
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
      let pipelines: PipelineStatus = { stages: [], problem: undefined }
      const found = await status(repository, {
        inspect: async (compared) => {
          pipelines = await pipelineStatus(compared)
        },
      })
      const { stages, problem } = pipelines
      if (json) {
        const stale = { staleStages: stages, pipelineProblem: problem ?? null }
        io.out(jsonText({ ...found, ...stale, isClean: isClean(found) }))
        return
      }
      const view = {
        paint: paintOf(io),
        typed: (path: string) => typedPath(repository, io, path),
      }
      const lines = short
        ? shortStatusLines(found, view)
        : [...statusLines(found, view), ...staleLines(pipelines)]
      if (lines.length > 0) io.out(`${lines.join('\n')}\n`)
    })
  },
})
