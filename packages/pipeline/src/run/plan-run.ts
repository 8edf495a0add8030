import { type ComparedStage, contentId, isTrackedAt, meaningOf } from '@dsv/core'
import type { ChosenStages } from '../graph/choose-stages.ts'
import { stageAddress, type StageGraph } from '../graph/stage-graph.ts'
import type { PipelineLock, StageRecord } from '../lock/stage-record.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { type ContentIds, stageInputs, type StageInputs } from '../stale/stage-inputs.ts'
import { dependencyId } from '../stale/dependency-id.ts'
import { hasMd5, isMd5 } from '../stale/has-md5.ts'
import { type StaleReason, staleReasons } from '../stale/stale-reasons.ts'

/** What is known of a stage before a run. */
export interface PlannedStage {
  readonly stage: PipelineStage
  readonly inputs: StageInputs
  /** Why it has to run; none when it does not. */
  readonly reasons: readonly StaleReason[]
  /** Whether it shall not run, because it is frozen and nobody named it. */
  readonly isSkipped: boolean
  /** Whether it is up to date by what DVC has recorded, which dsv has not yet. */
  readonly isOfDvc: boolean
}

/** What planning looks at. */
export interface PlanContext {
  readonly graph: StageGraph
  readonly lock: PipelineLock
  /** What DVC has recorded of stages that are not in the lock. */
  readonly dvcLock: PipelineLock
  readonly compared: ComparedStage
  /** Returns the values of the parameters of a stage. */
  readonly parametersOf: (stage: PipelineStage) => Promise<StageRecord['parameters']>
  /** Whether the chosen stages run in any case. */
  readonly isForced: boolean
}

/**
 * Finds out which of the chosen stages have to run and why. A stage that only needs one that runs may turn out to
 * be up to date after all.
 */
export async function planRun(
  { stages, named }: ChosenStages,
  { graph, lock, dvcLock, compared, parametersOf, isForced }: PlanContext,
): Promise<readonly PlannedStage[]> {
  const contents = remembered(async (path) => contentId(compared, path))
  const read = remembered(async (path) => dependencyId(compared, path))
  // What a step reads and makes counts by what it means, whatever its format.
  const meanings = remembered(async (path) => meaningOf(compared, path))
  const holds = async (path: string, id: string, recorded: string): Promise<boolean> =>
    isMd5(recorded) ? hasMd5(compared, path, recorded) : id === recorded
  const running = new Set<PipelineStage>()
  const planned: PlannedStage[] = []
  for (const stage of stages) {
    const isOfSteps = stage.action.kind === 'steps'
    const ids = isOfSteps ? meanings : contents
    // What is not stored is known by its files alone.
    const unstored = new Set(stage.outputs.filter((each) => !each.isStored).map(({ path }) => path))
    const made: ContentIds = async (path) => (unstored.has(path) ? contents(path) : ids(path))
    const isSkipped = stage.isFrozen && !named.has(stage)
    const inputs = await stageInputs(stage, isOfSteps ? meanings : read, await parametersOf(stage))
    const address = stageAddress(stage)
    const record = lock.get(address) ?? dvcLock.get(address)
    const changed = await staleReasons(stage, inputs, record, made, holds)
    // What DVC made is stored when it is taken over.
    const notStored = lock.has(address) ? await unstoredReasons(compared, stage, changed) : []
    const own = [...changed, ...notStored]
    const upstream: StaleReason[] = graph
      .upstream(stage)
      .filter((each) => running.has(each))
      .map((each) => ({ kind: 'upstream', stage: stageAddress(each) }))
    const reasons = [...(isForced ? [{ kind: 'forced' } as const] : []), ...own, ...upstream]
    if (reasons.length > 0 && !isSkipped) running.add(stage)
    const isOfDvc = reasons.length === 0 && !lock.has(address) && dvcLock.has(address)
    planned.push({ stage, inputs, reasons, isSkipped, isOfDvc })
  }
  return planned
}

/** Why what is as it was made has to run: since then it was declared to be stored, or was taken out of the stage. */
async function unstoredReasons(
  compared: ComparedStage,
  { outputs }: PipelineStage,
  known: readonly StaleReason[],
): Promise<readonly StaleReason[]> {
  const reasons: StaleReason[] = []
  for (const { path, isStored } of outputs) {
    const isKnown = known.some((reason) => reason.kind === 'output' && reason.path === path)
    if (!isStored || isKnown || (await isTrackedAt(compared, path))) continue
    reasons.push({ kind: 'output', path, change: 'unstored' })
  }
  return reasons
}

function remembered(find: ContentIds): ContentIds {
  const known = new Map<string, Promise<string | undefined>>()
  return async (path) => {
    const id = known.get(path) ?? find(path)
    known.set(path, id)
    return id
  }
}
