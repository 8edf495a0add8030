import type { ComparedStage } from '@dsv/core'
import { chooseStages, type ChosenStages, type StageChoice } from '../graph/choose-stages.ts'
import { stageGraph, type StageGraph } from '../graph/stage-graph.ts'
import { dvcRecords } from '../lock/dvc-records.ts'
import { readLockFile } from '../lock/read-lock-file.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { parameterFiles } from '../parameters/parameter-files.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'
import { type PlannedStage, planRun } from '../run/plan-run.ts'
import { readStageParameters } from '../run/read-stage-parameters.ts'
import { pipelineFiles } from './pipeline-files.ts'

/** The pipelines of a working tree, and which of the chosen stages have to run. */
export interface StagePlan {
  readonly graph: StageGraph
  readonly chosen: ChosenStages
  readonly planned: readonly PlannedStage[]
}

/**
 * Reads the pipelines of the working tree and finds out which stages have to run. Without a pipeline file nothing is
 * read.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE`, `DSV_PIPELINE_CYCLE`, `DSV_OUTPUTS_OVERLAP`,
 *   `DSV_STAGE_UNKNOWN`, `DSV_LOCK_INVALID`
 */
export async function planStages(
  compared: ComparedStage,
  choice: StageChoice = {},
  isForced = false,
): Promise<StagePlan> {
  const { root } = compared
  const files = await pipelineFiles(compared)
  const reader = { ...workingTreeReader(root), list: async () => files }
  const stages = files.length === 0 ? [] : (await readPipelines(reader)).stages
  const graph = stageGraph(stages)
  const chosen = chooseStages(graph, choice)
  return { graph, chosen, planned: await planChosen(compared, graph, chosen, isForced) }
}

/** Finds out which of the chosen stages have to run. */
export async function planChosen(
  compared: ComparedStage,
  graph: StageGraph,
  chosen: ChosenStages,
  isForced: boolean,
): Promise<readonly PlannedStage[]> {
  if (chosen.stages.length === 0) return []
  const reader = workingTreeReader(compared.root)
  const parameters = parameterFiles(reader)
  const lock = readLockFile(compared.root)
  return planRun(chosen, {
    graph,
    lock,
    dvcLock: await dvcRecords(reader, chosen.stages, lock),
    compared,
    parametersOf: async (stage: PipelineStage) => readStageParameters(parameters, stage.parameters),
    isForced,
  })
}
