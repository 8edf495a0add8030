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
  const steps = action.steps.map(({ name, options }) => ({ name, options: sorted(options) }))
  const from = action.inputs
  return { from, steps, ...(action.format !== undefined && { format: action.format }) }
}

function sorted(options: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
