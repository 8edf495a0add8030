import { readPipelines } from '../read/read-pipelines.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'
import { stageGraph, type StageGraph } from './stage-graph.ts'

/**
 * Reads the stages of the working tree at `root`.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE`, `DSV_PIPELINE_CYCLE`, `DSV_OUTPUTS_OVERLAP`
 */
export async function readGraph(root: string): Promise<StageGraph> {
  const { stages } = await readPipelines(workingTreeReader(root))
  return stageGraph(stages)
}
