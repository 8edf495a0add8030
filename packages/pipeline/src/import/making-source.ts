import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type Environment,
  type Loss,
  type OutputPart,
  publishOutputs,
  recognizePart,
  Repository,
  storeFolder,
} from '@dsv/core'
import { type CopiedPart, type ImportSource, type PartRequest, selectPart } from '@dsv/remote'
import { EMPTY_TREE, isDsvError, type WriteSession } from '@dsv/store'
import { commandNotAllowed, outputDiffers, stageFailed } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { type RunListener, runPipeline } from '../run/run-pipeline.ts'
import { filePart } from '../steps/metrics-part.ts'
import { copyLinkedFiles } from './copy-linked-files.ts'
import { planMaking, type StagePlan } from './plan-making.ts'

/** How what is not stored is made. */
export interface MakingOptions {
  readonly environment: Environment
  /** The environment variables of commands. */
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The release of dsv. */
  readonly tool: string
  /** Whether commands of a registry, which strangers may have written, run here. Steps of dsv always do. */
  readonly allowsCommands: boolean
  /** Whether what comes out may be something else than what the registry had. */
  readonly acceptsDifferent: boolean
  /** Told which stages run here, before they do. */
  readonly onStages: (stages: readonly PipelineStage[]) => void
  readonly listener: RunListener
}

/**
 * Returns a source that makes what the registry describes but does not store: the recorded stage runs on this side, on
 * what it needs of that version, in a repository of its own that goes afterwards. What comes out is compared with what
 * the registry recorded.
 *
 * @throws from `copyPart` besides: `DSV_COMMAND_NOT_ALLOWED`, `DSV_OUTPUT_DIFFERS`, `DSV_STAGE_FAILED`, and what reading
 *   a pipeline throws
 */
export function makingSource(source: ImportSource, options: MakingOptions): ImportSource {
  return {
    ...source,
    copyPart: async (repository, session, request) => {
      try {
        return await source.copyPart(repository, session, request)
      } catch (error) {
        if (!isNotStored(error)) throw error
        const plan = await planMaking(source.files(request.commit), request.path)
        if (plan === undefined) throw error
        return make(repository, session, { source, request, plan, options })
      }
    },
  }
}

function isNotStored(error: unknown): boolean {
  return isDsvError(error, 'DSV_IMPORT_NOT_FOUND') || isDsvError(error, 'DSV_DVC_OUTPUT_NOT_STORED')
}

interface Making {
  readonly source: ImportSource
  readonly request: PartRequest
  readonly plan: StagePlan
  readonly options: MakingOptions
}

async function make(
  repository: Repository,
  session: WriteSession,
  making: Making,
): Promise<CopiedPart> {
  const { plan, options, request } = making
  checkCommands(request.path, plan.stages, options.allowsCommands)
  options.onStages(plan.stages)
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-make-'))
  try {
    await runThere(folder, making)
    return await taken(repository, session, making, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function checkCommands(output: string, stages: readonly PipelineStage[], isAllowed: boolean): void {
  const commands = stages.flatMap(({ action }) => (action.kind === 'command' ? action.lines : []))
  if (commands.length > 0 && !isAllowed) throw commandNotAllowed(output, commands)
}

/** Brings what the stages need to a new repository, and runs them there. */
async function runThere(folder: string, { source, request, plan, options }: Making): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const there = await Repository.init(folder, options.environment)
  try {
    await publishOutputs(there, 'get', async ({ session }) => {
      const outputs: OutputPart[] = []
      for (const [file, bytes] of plan.files)
        outputs.push({ path: file, part: await filePart(session, bytes) })
      for (const needed of plan.inputs) {
        const like = { files: EMPTY_TREE, datasets: new Map() }
        const part = await source.copyPart(there, session, {
          commit: request.commit,
          path: needed,
          like,
        })
        outputs.push({ path: needed, part })
      }
      return { outputs }
    })
    const { ends } = await runPipeline(
      there,
      {
        targets: plan.stages.map(stageAddress),
        single: true,
        tool: options.tool,
        environment: options.variables,
      },
      options.listener,
    )
    for (const end of ends.values()) if (end.type === 'failed') throw end.error
    await checkMade(folder, plan, options)
  } finally {
    await there.close()
  }
}

async function checkMade(
  folder: string,
  { output, recorded }: StagePlan,
  { acceptsDifferent }: MakingOptions,
): Promise<void> {
  if (recorded === undefined || acceptsDifferent) return
  const { isSame, made } = await recorded.compare(folder)
  if (!isSame) throw outputDiffers(output, recorded.id, made)
}

/** Stores what was made, as an import would have brought it. */
async function taken(
  repository: Repository,
  session: WriteSession,
  { request, plan }: Making,
  folder: string,
): Promise<CopiedPart> {
  const place = path.join(folder, request.path)
  const madeBy = stageAddress(plan.maker)
  if (!existsSync(place)) throw stageFailed(madeBy, `made nothing at ${request.path}`)
  copyLinkedFiles(place, folder)
  const { path: name, where, format, like } = request
  const losses = new Map<string, Loss[]>()
  const files = await storeFolder(repository, session, place, name)
  const part = await recognizePart(repository, session, files, {
    name,
    before: like.datasets,
    onLoss: (dataset, loss) => losses.set(dataset, [...(losses.get(dataset) ?? []), loss]),
    ...(format !== undefined && { format }),
  })
  const chosen =
    where === undefined ? part : await selectPart(repository, session, part, { path: name, where })
  return { ...chosen, madeBy, leftOut: [], losses }
}
