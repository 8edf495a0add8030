import type { Json } from '@dsv/core'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { StageRecord } from '../lock/stage-record.ts'

/** Returns the id of what a path of the working tree holds now; undefined where nothing is. */
export type ContentIds = (path: string) => Promise<string | undefined>

/** What goes into a stage now. */
export type StageInputs = Pick<StageRecord, 'action' | 'parameters'> & {
  /** Id by path; undefined where nothing is. */
  readonly dependencies: ReadonlyMap<string, string | undefined>
}

/** Returns what goes into a stage now. */
export async function stageInputs(
  stage: PipelineStage,
  ids: ContentIds,
  parameters: StageRecord['parameters'],
): Promise<StageInputs> {
  const dependencies = new Map<string, string | undefined>()
  for (const path of [...stage.dependencies].toSorted()) dependencies.set(path, await ids(path))
  return { action: recordedAction(stage), parameters, dependencies }
}

function recordedAction({ action }: PipelineStage): StageRecord['action'] {
  if (action.kind === 'command') return { command: action.lines, folder: action.folder }
  const options: [string, Json][] = Object.entries(action.options)
  return {
    step: action.step,
    options: Object.fromEntries(options.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}
