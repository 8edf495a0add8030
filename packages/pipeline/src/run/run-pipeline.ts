import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { isDsvError, type Repository, withComparedTree } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { stageFailed } from '../errors.ts'
import { chooseStages, type ChosenStages, type StageChoice } from '../graph/choose-stages.ts'
import { stageAddress, stageGraph, type StageGraph } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'
import { type PlannedStage, planRun } from './plan-run.ts'
import { readLockFile } from './publish-stage.ts'
import { parameterValues } from './read-stage-parameters.ts'
import { runCommandStage } from './run-stage.ts'
import { removeScratchFolder } from './scratch-folder.ts'

/** What is to be run, and how. */
export interface RunRequest extends StageChoice {
  /** How many stages run at once; as many as there are cores by default. */
  readonly jobs?: number
  /** Runs the chosen stages even when they are up to date. */
  readonly force?: boolean
  /** Only plans. */
  readonly dryRun?: boolean
  /** Goes on with what does not need a stage that failed. */
  readonly keepGoing?: boolean
  /** The environment variables of commands. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Is told how a run goes on. */
export interface RunListener {
  /** Which stages were chosen, and why they have to run. */
  onPlan(planned: readonly PlannedStage[]): void
  /** A stage begins. */
  onStart(stage: PipelineStage): void
  /** The command of a stage printed something. */
  onOutput(stage: PipelineStage, bytes: Uint8Array): void
  /** A stage has ended, or will not run. */
  onEnd(stage: PipelineStage, end: StageEnd): void
}

/** What became of a stage. */
export type StageEnd =
  | { readonly type: 'ran' }
  | { readonly type: 'unchanged' }
  /** It is frozen. */
  | { readonly type: 'skipped' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** A stage that it needs failed, or the run was over. */
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
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_CYCLE`, `DSV_OUTPUTS_OVERLAP`, `DSV_STAGE_UNKNOWN`,
 *   `DSV_LOCK_INVALID`; what a stage throws is in the outcome
 */
export async function runPipeline(
  repository: Repository,
  request: RunRequest,
  listener: RunListener,
): Promise<RunOutcome> {
  const { stages } = await readPipelines(workingTreeReader(repository.folder))
  const graph = stageGraph(stages)
  const chosen = chooseStages(graph, request)
  const planned = await plan(repository, graph, chosen, request)
  listener.onPlan(planned)
  if (request.dryRun === true) return { planned, ends: new Map(), isFailed: false }
  const ends = await runAll(repository, { graph, chosen, planned, request, listener })
  const isFailed = [...ends.values()].some(({ type }) => type === 'failed' || type === 'not-run')
  return { planned, ends, isFailed }
}

async function plan(
  repository: Repository,
  graph: StageGraph,
  chosen: ChosenStages,
  { force = false }: Pick<RunRequest, 'force'>,
  paths?: readonly string[],
): Promise<readonly PlannedStage[]> {
  const values = parameterValues(workingTreeReader(repository.folder))
  return withComparedTree(
    repository,
    async (compared) =>
      planRun(chosen, {
        graph,
        lock: readLockFile(repository.folder),
        compared,
        parametersOf: async (stage) => values(stage.parameters),
        isForced: force,
      }),
    paths,
  )
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
        if (each.isSkipped || each.reasons.length === 0) {
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
  const [now] = await plan(repository, graph, one, request, paths)
  if (now === undefined || now.reasons.length === 0) return { type: 'unchanged' }
  if (stage.action.kind === 'steps')
    throw stageFailed(stageAddress(stage), 'uses a built-in step, which is to come')
  const scratch = path.join(repository.folder, '.dsv/local/runs', randomBytes(6).toString('hex'))
  listener.onStart(stage)
  try {
    await runCommandStage(repository, {
      stage,
      command: stage.action,
      inputs: now.inputs,
      scratch,
      environment: request.environment,
      signal: repository.environment.signal,
      onOutput: (bytes) => listener.onOutput(stage, bytes),
    })
  } finally {
    removeScratchFolder(scratch)
  }
  return { type: 'ran' }
}
