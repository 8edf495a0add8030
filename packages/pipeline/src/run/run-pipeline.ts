import { availableParallelism } from 'node:os'
import { isDsvError, mergePending, type Repository, withComparedTree } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import type { ChosenStages, StageChoice } from '../graph/choose-stages.ts'
import type { StageExecutor } from '../elsewhere/stage-executor.ts'
import { stageAddress, type StageGraph } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { StepNote, StepReport } from '@dsv/steps'
import { excludeUnstored } from './exclude-unstored.ts'
import { planChosen, planStages } from '../stale/plan-stages.ts'
import { comparedInTurn } from './compared-in-turn.ts'
import type { PlannedStage } from './plan-run.ts'
import { runStage, type StageResult } from './run-stage.ts'
import { takeOver } from './take-over.ts'
import { removeOldScratch, withScratchPlace } from './scratch-places.ts'

/** What is to be run, and how. */
export interface RunRequest extends StageChoice {
  /** How many stages run at once; as many as there are cores by default. */
  readonly jobs?: number
  /** Runs the chosen stages even when they are up to date. */
  readonly force?: boolean
  /** Runs nothing: takes from the run cache what it has. */
  readonly cachedOnly?: boolean
  /** Only plans. */
  readonly dryRun?: boolean
  /** Goes on with what does not need a stage that failed. */
  readonly keepGoing?: boolean
  /** The release of dsv that runs it, for the lock. */
  readonly tool: string
  /** The environment variables of commands. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where stages run that is not here. */
  readonly executor?: StageExecutor
}

/** Is told how a run goes on. */
export interface RunListener {
  /** Which stages were chosen, and why they have to run. */
  onPlan(planned: readonly PlannedStage[]): void
  /** A command that outlived its run, which was killed, was ended: its process group. */
  onLeftOver(group: number): void
  /** A stage begins. */
  onStart(stage: PipelineStage): void
  /** The command of a stage printed something. */
  onOutput(stage: PipelineStage, bytes: Uint8Array): void
  /** A step left something out or decided something. */
  onNote(stage: PipelineStage, note: StepNote): void
  /** What a step has to say beside its result. */
  onReport(stage: PipelineStage, report: StepReport): void
  /** A stage has ended, or will not run. */
  onEnd(stage: PipelineStage, end: StageEnd): void
}

/** What became of a stage. */
export type StageEnd =
  /** It ran, or what it makes was in the run cache. */
  | { readonly type: StageResult }
  | { readonly type: 'unchanged' }
  /** It is as DVC has recorded it, which is in the lock now. */
  | { readonly type: 'taken-over' }
  /** It is frozen. */
  | { readonly type: 'skipped' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** A stage that it needs failed, the run was over, or the run cache does not have it. */
  | { readonly type: 'not-run' }

/** What became of a run. */
export interface RunOutcome {
  readonly planned: readonly PlannedStage[]
  readonly ends: ReadonlyMap<string, StageEnd>
  readonly isFailed: boolean
}

/**
 * Runs the stages that are out of date, side by side as far as they do not need one another.
 *
 * @throws `DSV_MERGE_PENDING`, `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_CYCLE`, `DSV_OUTPUTS_OVERLAP`,
 *   `DSV_OUTPUT_RESERVED`, `DSV_STAGE_UNKNOWN`, `DSV_LOCK_INVALID`; what a stage throws is in the outcome
 */
export async function runPipeline(
  repository: Repository,
  request: RunRequest,
  listener: RunListener,
): Promise<RunOutcome> {
  const { graph, chosen, planned } = await withComparedTree(repository, async (compared) => {
    const { merge } = compared.state.work
    if (merge !== undefined && request.dryRun !== true) throw mergePending(merge.kind)
    return planStages(compared, request, request.force)
  })
  listener.onPlan(planned)
  if (request.dryRun === true) return { planned, ends: new Map(), isFailed: false }
  await removeOldScratch(repository.folder, (group) => listener.onLeftOver(group))
  await excludeUnstored(repository.folder, graph.stages)
  const ends = await runAll(repository, { graph, chosen, planned, request, listener })
  const isFailed = [...ends.values()].some(({ type }) => type === 'failed' || type === 'not-run')
  return { planned, ends, isFailed }
}

interface Running {
  readonly graph: StageGraph
  readonly chosen: ChosenStages
  readonly planned: readonly PlannedStage[]
  readonly request: RunRequest
  readonly listener: RunListener
}

async function runAll(
  repository: Repository,
  running: Running,
): Promise<ReadonlyMap<string, StageEnd>> {
  const { graph, planned, request, listener } = running
  const { jobs = availableParallelism(), keepGoing = false } = request
  const { signal } = repository.environment
  const ends = new Map<string, StageEnd>()
  const waiting = new Set(planned)
  const chosen = new Set(planned.map(({ stage }) => stage))
  const going = new Set<Promise<void>>()
  let isOver = false
  const end = (each: PlannedStage, how: StageEnd): void => {
    ends.set(stageAddress(each.stage), how)
    listener.onEnd(each.stage, how)
  }
  const endOf = (stage: PipelineStage): StageEnd | undefined => ends.get(stageAddress(stage))
  const isBad = (how: StageEnd | undefined): boolean =>
    how?.type === 'failed' || how?.type === 'not-run'
  const begin = async (each: PlannedStage): Promise<void> => {
    try {
      end(each, await runOne(repository, each, running))
    } catch (error) {
      if (!isExpected(error)) throw error
      end(each, { type: 'failed', error })
      if (!keepGoing) isOver = true
    }
  }
  for (;;) {
    for (const each of waiting) {
      const needed = graph.upstream(each.stage).filter((stage) => chosen.has(stage))
      if (isOver || signal.aborted || needed.some((stage) => isBad(endOf(stage)))) {
        waiting.delete(each)
        end(each, each.reasons.length === 0 ? { type: 'unchanged' } : { type: 'not-run' })
      } else if (needed.every((stage) => endOf(stage) !== undefined)) {
        if (each.isSkipped || (each.reasons.length === 0 && !each.isOfDvc)) {
          waiting.delete(each)
          end(each, { type: each.isSkipped ? 'skipped' : 'unchanged' })
        } else if (going.size < jobs) {
          waiting.delete(each)
          const task = begin(each).finally(() => going.delete(task))
          going.add(task)
        }
      }
    }
    if (going.size === 0) break
    await Promise.race(going)
  }
  signal.throwIfAborted()
  return ends
}

/** What a user can act on; anything else is a bug and ends the run. */
function isExpected(error: unknown): boolean {
  return isDsvError(error) || systemErrorCode(error) !== undefined
}

async function runOne(
  repository: Repository,
  { stage }: PlannedStage,
  { graph, chosen, request, listener }: Running,
): Promise<StageEnd> {
  const paths = [...stage.dependencies, ...stage.outputs.map((output) => output.path)]
  const one = { stages: [stage], named: chosen.named }
  const [now] = await comparedInTurn(repository, paths, async (compared) =>
    planChosen(compared, graph, one, request.force === true),
  )
  if (now === undefined || (now.reasons.length === 0 && !now.isOfDvc)) return { type: 'unchanged' }
  if (now.isOfDvc) {
    const { tool } = request
    await withScratchPlace(repository.folder, async (scratch) =>
      takeOver(repository, { stage, inputs: now.inputs, scratch, tool }),
    )
    return { type: 'taken-over' }
  }
  const type = await withScratchPlace(repository.folder, async (scratch) =>
    runStage(repository, {
      stage,
      inputs: now.inputs,
      scratch,
      environment: request.environment,
      isForced: request.force === true,
      isCachedOnly: request.cachedOnly === true,
      tool: request.tool,
      executor: request.executor,
      onStart: () => listener.onStart(stage),
      onOutput: (bytes) => listener.onOutput(stage, bytes),
      onNote: (note) => listener.onNote(stage, note),
      onReport: (report) => listener.onReport(stage, report),
    }),
  )
  return { type: type ?? 'not-run' }
}
