import { resolveCommit } from '@dsv/core'
import { type PipelineStage, readPipelines, sideReader, stageAddress } from '@dsv/pipeline'
import { type Command, defineCommand } from '../command.ts'
import { jsonText } from '../views/json-text.ts'
import { listLines } from '../views/table-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv stages`: the stages of pipelines, with their templates filled in. */
export const stagesCommand: Command = defineCommand({
  name: 'stages',
  positionals: '[revision]',
  summary: 'List the stages of pipelines, with all values filled in.',
  examples: [
    ['dsv stages', 'Each stage and what it does'],
    ['dsv stages v1.0 --json', 'All that is known of those of a version'],
  ],
  describe: (options) =>
    options
      .positional('revision', {
        type: 'string',
        describe: 'A version; the files on disk without one',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the stages as JSON' }),
  run: async ({ revision, json }, io) => {
    await withRepository(io, async (repository) => {
      if (revision !== undefined) await resolveCommit(repository, revision)
      const side =
        revision === undefined
          ? ({ type: 'working-tree' } as const)
          : ({ type: 'revision', revision } as const)
      const { stages } = await readPipelines(sideReader(repository, side))
      if (json) io.out(jsonText(stages))
      else if (stages.length === 0) io.note('There are no stages.\n')
      else
        for (const line of listLines(stages.map((stage) => [stageAddress(stage), aboutOf(stage)])))
          io.out(`${line}\n`)
    })
  },
})

const MAX_LENGTH = 100

function aboutOf({ description, action }: PipelineStage): string {
  const lines =
    action.kind === 'command'
      ? action.lines
      : [`${action.steps.map(({ name }) => name).join(', ')} of ${action.inputs.join(', ')}`]
  const text = (description ?? lines.join('; ')).replaceAll(/\s+/gu, ' ')
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text
}
