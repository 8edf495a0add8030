import { drawGraph, readGraph, stageAddress } from '@dsv/pipeline'
import { chooseStages } from '@dsv/pipeline'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { repositoryPath } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv dag`: which pipeline stage needs which. */
export const dagCommand: Command = defineCommand({
  name: 'dag',
  positionals: '[targets..]',
  summary: 'Show which pipeline stage needs which.',
  examples: [
    ['dsv dag', 'All stages'],
    ['dsv dag train', 'One stage and those that it needs'],
    ['dsv dag --mermaid', 'A diagram for a README'],
  ],
  describe: (options) =>
    options
      .positional('targets', { type: 'string', array: true, describe: 'Stages or outputs' })
      .option('mermaid', { type: 'boolean', default: false, describe: 'Print it for Mermaid' })
      .option('dot', { type: 'boolean', default: false, describe: 'Print it for Graphviz' })
      .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' }),
  run: async ({ targets = [], mermaid, dot, json }, io) => {
    exclude({ mermaid, dot, json })
    await withRepository(io, async (repository) => {
      const graph = await readGraph(repository.folder)
      const pathOf = (target: string): string => repositoryPath(repository, io, target)
      const { stages } = chooseStages(graph, { targets, pathOf })
      if (json)
        io.out(
          jsonText({
            stages: stages.map((stage) => ({
              stage: stageAddress(stage),
              needs: graph.upstream(stage).map(stageAddress),
              dependencies: stage.dependencies,
              outputs: stage.outputs.map(({ path }) => path),
            })),
          }),
        )
      else if (stages.length === 0) io.note('There are no stages.\n')
      else io.out(drawGraph(graph, stages, mermaid ? 'mermaid' : dot ? 'dot' : 'text'))
    })
  },
})
