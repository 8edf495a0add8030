import { contentId, operationInfo, partAt, type Repository } from '@dsv/core'
import { EMPTY_TREE } from '@dsv/store'
import type { StepNote, StepReport } from '@dsv/steps'
import { stageFailed } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { canCut, joinPieces } from '../elsewhere/pieces.ts'
import { canRunElsewhere, type StageExecutor } from '../elsewhere/stage-executor.ts'
import { findRun, type FoundRun } from '../run-cache/find-run.ts'
import { runDigest } from '../run-cache/run-digest.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'
import { comparedInTurn } from './compared-in-turn.ts'
import { checkWay } from './check-way.ts'
import { runInScratch, storeProduct } from './make-by-command.ts'
import { makeBySteps, readStepInputs } from './make-by-steps.ts'
import { WHOLE_FILE } from './read-stage-parameters.ts'
import { publishStage } from './publish-stage.ts'
import type { MadeOutput, StageProduct } from './stage-product.ts'

/** A stage that has to run. */
export interface StageRun {
  readonly stage: PipelineStage
  readonly inputs: StageInputs
  /** Where its scratch folder may be. */
  readonly scratch: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether it runs even when the run cache knows what comes out. */
  readonly isForced: boolean
  /** Whether nothing is run, only taken from the run cache. */
  readonly isCachedOnly: boolean
  /** The release of dsv. */
  readonly tool: string
  /** Where it runs when that is not here. */
  readonly executor: StageExecutor | undefined
  /** It really runs. */
  readonly onStart: () => void
  readonly onOutput: (bytes: Uint8Array) => void
  readonly onNote: (note: StepNote) => void
  readonly onReport: (report: StepReport) => void
}

/** How a stage was brought up to date. */
export type StageResult = 'ran' | 'restored'

/**
 * Runs a stage, or takes what it would make from the run cache, and publishes it. Returns undefined when only
 * the run cache may be used and does not have it.
 */
export async function runStage(
  repository: Repository,
  run: StageRun,
): Promise<StageResult | undefined> {
  const { action, outputs } = run.stage
  for (const { path } of outputs) checkWay(repository.folder, stageAddress(run.stage), path)
  checkParameters(run)
  if (action.kind === 'steps') return runSteps(repository, run, action)
  const digest = runDigest(run.stage, run.inputs)
  if (await restore(repository, run, run.inputs, digest)) return 'restored'
  if (run.isCachedOnly) return undefined
  run.onStart()
  if (await runElsewhere(repository, run, run.inputs, digest)) return 'ran'
  const command = { ...run, command: action }
  await runInScratch(repository, command)
  const info = operationInfo(repository.environment, `run ${stageAddress(run.stage)}`)
  await repository.store.write(info, async (session) => {
    const product = await storeProduct(repository, session, command)
    await session.checkpoint()
    await publish(repository, run, product, product.isRepeatable ? digest : undefined)
  })
  return 'ran'
}

/** A name that is not there is most often misspelt. @throws `DSV_STAGE_FAILED` */
function checkParameters({ stage, inputs }: StageRun): void {
  for (const { file, keys = [WHOLE_FILE] } of stage.parameters)
    for (const key of keys) {
      if (inputs.parameters[file]?.[key] !== undefined) continue
      const what = key === WHOLE_FILE ? file : `${key} of ${file}`
      throw stageFailed(stageAddress(stage), `needs parameter ${what}, which does not exist`)
    }
}

async function runSteps(
  repository: Repository,
  run: StageRun,
  action: Extract<PipelineStage['action'], { readonly kind: 'steps' }>,
): Promise<StageResult | undefined> {
  const info = operationInfo(repository.environment, `run ${stageAddress(run.stage)}`)
  return repository.store.write(info, async (session) => {
    const step = { ...run, action }
    const read = await readStepInputs(repository, session, step)
    const digest = runDigest(run.stage, read.inputs)
    if (await restore(repository, run, read.inputs, digest)) return 'restored'
    if (run.isCachedOnly) return undefined
    run.onStart()
    const pieces = await runPieces(repository, run, digest)
    if (pieces === undefined && (await runElsewhere(repository, run, read.inputs, digest)))
      return 'ran'
    const product =
      pieces === undefined
        ? await makeBySteps(repository, session, step, read)
        : await joinPieces(repository, session, step, read, pieces)
    await session.checkpoint()
    await publish(repository, run, product, digest)
    return 'ran'
  })
}

/** Publishes what an earlier run of the same inputs has made, if there was one. */
async function restore(
  repository: Repository,
  run: StageRun,
  inputs: StageInputs,
  digest: string | undefined,
): Promise<boolean> {
  if (digest === undefined || run.isForced) return false
  const found = await findRun(repository, digest)
  return found !== undefined && take(repository, run, inputs, found, undefined)
}

/** Has a stage run elsewhere in pieces. Returns undefined where that is not asked for, or cannot be. */
async function runPieces(
  repository: Repository,
  { stage, executor, onOutput }: StageRun,
  digest: string | undefined,
): Promise<readonly FoundRun[] | undefined> {
  if (executor === undefined || executor.pieces === 1) return undefined
  if (digest === undefined || !canCut(stage) || !canRunElsewhere(stage)) return undefined
  const of = executor.pieces
  return Promise.all(
    Array.from({ length: of }, async (_, at) =>
      executor.make(repository, stage, digest, onOutput, { at, of }),
    ),
  )
}

/** Has a stage run elsewhere, and publishes what it made there. What is not stored, or not repeatable, runs here. */
async function runElsewhere(
  repository: Repository,
  run: StageRun,
  inputs: StageInputs,
  digest: string | undefined,
): Promise<boolean> {
  const { executor, stage } = run
  if (executor === undefined) return false
  if (digest === undefined || !canRunElsewhere(stage)) {
    run.onNote({
      what: 'stage run here: what it makes is not stored, or not repeatable',
      where: '',
    })
    return false
  }
  const found = await executor.make(repository, stage, digest, run.onOutput)
  if (await take(repository, run, inputs, found, digest)) return true
  throw stageFailed(stageAddress(stage), 'did not make all of its outputs on the worker')
}

/**
 * Publishes what a run has made.
 *
 * @param digest - Where the run is to be kept, too
 */
async function take(
  repository: Repository,
  run: StageRun,
  inputs: StageInputs,
  found: FoundRun,
  digest: string | undefined,
): Promise<boolean> {
  const outputs: MadeOutput[] = []
  const unstored: string[] = []
  for (const { path, isStored } of run.stage.outputs) {
    const id = found.outputs[path]
    if (id === undefined) return false
    if (!isStored) unstored.push(path)
    outputs.push({ path, id })
  }
  if (!(await areThere(repository, found.outputs, unstored))) return false
  const info = operationInfo(repository.environment, `run ${stageAddress(run.stage)}`)
  return repository.store.write(info, async (session) => {
    const stored: MadeOutput[] = []
    for (const output of outputs) {
      const isStored = !unstored.includes(output.path)
      const part = isStored ? await partAt(session, found.commit, output.path) : undefined
      // The run may be of a time when this was not stored. Of an empty folder there is an entry.
      if (part?.files.root === EMPTY_TREE.root) return false
      stored.push(part === undefined ? output : { ...output, part })
    }
    await session.checkpoint()
    const product: StageProduct = { inputs, outputs: stored, isRepeatable: true }
    const tool = found.tool ?? run.tool
    await publish(repository, { ...run, tool }, product, digest)
    return true
  })
}

/** What the run cache does not hold can only be taken from where it lies. */
async function areThere(
  repository: Repository,
  ids: Readonly<Record<string, string>>,
  paths: readonly string[],
): Promise<boolean> {
  if (paths.length === 0) return true
  return comparedInTurn(repository, paths, async (compared) => {
    for (const path of paths) if ((await contentId(compared, path)) !== ids[path]) return false
    return true
  })
}

async function publish(
  repository: Repository,
  { stage, scratch, tool }: StageRun,
  product: StageProduct,
  digest: string | undefined,
): Promise<void> {
  await publishStage(repository, { stage, product, scratch: `${scratch}-old`, digest, tool })
}
