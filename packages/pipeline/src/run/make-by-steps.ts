import { mkdirSync, mkdtempSync } from 'node:fs'
import path from 'node:path'
import {
  contentIdOf,
  type DatasetContent,
  datasetView,
  decodeDataset,
  type Json,
  meaningId,
  partAt,
  rememberMeaning,
  type Repository,
  type Snapshot,
  type SnapshotPart,
  storedDataset,
  storeFolder,
  type WorkingPart,
  workingParts,
} from '@dsv/core'
import type { StepNote, StepReport } from '@dsv/steps'
import { EMPTY_TREE, type ObjectId, type WriteSession } from '@dsv/store'
import { stageFailed } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage, StepChain, StepUse } from '../model/pipeline-stage.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'
import type { FilesOnDisk, PipelineInput } from '../steps/pipeline-step.ts'
import { diskId } from './disk-id.ts'
import { metricsPart } from '../steps/metrics-part.ts'
import { PIPELINE_STEPS } from '../steps/registry.ts'
import { readFileInput } from './read-file-input.ts'
import { inTurn } from './in-turn.ts'
import { placeUnstored } from './place-unstored.ts'
import type { MadeOutput, StageProduct } from './stage-product.ts'

/** A stage that uses a built-in step. */
export interface StepStage {
  readonly stage: PipelineStage
  readonly action: StepChain
  readonly inputs: StageInputs
  /** Where its scratch folder may be. */
  readonly scratch: string
  readonly onNote: (note: StepNote) => void
  readonly onReport: (report: StepReport) => void
}

/** What a step reads, as it is now. */
export interface StepInputs {
  /** With the ids of what is read, which a comparison with the stage may not have known. */
  readonly inputs: StageInputs
  readonly given: readonly PipelineInput[]
}

/** Reads the inputs of a step from the working tree. @throws `DSV_STAGE_FAILED` */
export async function readStepInputs(
  repository: Repository,
  session: WriteSession,
  { stage, action, inputs }: Pick<StepStage, 'stage' | 'action' | 'inputs'>,
): Promise<StepInputs> {
  for (const [dependency, id] of inputs.dependencies)
    if (id === undefined)
      throw stageFailed(stageAddress(stage), `needs ${dependency}, which does not exist`)
  const dependencies = new Map(inputs.dependencies)
  const parts = await inTurn(repository, async () =>
    workingParts(repository, session, action.inputs),
  )
  const { work } = await repository.state()
  const given: PipelineInput[] = []
  for (const [at, input] of action.inputs.entries()) {
    const found = parts[at]
    if (found === undefined) continue
    const id = await idOf(session, found)
    dependencies.set(input, id)
    const datasetId = found.snapshot.datasets.get(found.at)
    // What differs from the stage is remembered, so that the next look need not read it.
    if (datasetId !== undefined && datasetId !== work.stage.datasets.get(input)) {
      const { files } = await partAt(session, found.snapshot, found.at)
      const content = await contentIdOf(session, files)
      await inTurn(repository, async () => rememberMeaning(repository, input, content, id))
    }
    const place = path.join(repository.folder, input)
    const file = { path: input, place }
    const inFile = once(async () => readFileInput(repository, session, file))
    given.push(pipelineInput(session, file, found, inFile))
  }
  return { inputs: { ...inputs, dependencies }, given }
}

async function idOf(session: WriteSession, found: WorkingPart): Promise<string> {
  const id = found.snapshot.datasets.get(found.at)
  if (id !== undefined) return meaningId(decodeDataset(await session.getObject('dataset', id)))
  return contentIdOf(session, (await partAt(session, found.snapshot, found.at)).files)
}

function pipelineInput(
  session: WriteSession,
  { path: input, place }: Pick<PipelineInput, 'path' | 'place'>,
  { snapshot, at }: WorkingPart,
  inFile?: () => Promise<ObjectId | undefined>,
): PipelineInput {
  const dataset = async (): ReturnType<typeof storedDataset> => {
    const id = snapshot.datasets.get(at) ?? (await inFile?.())
    // Where the part lies alone in its snapshot, a message is to name its path all the same.
    return storedDataset(session, snapshotOf(input, id), input)
  }
  return {
    path: input,
    place,
    part: async () => partAt(session, snapshot, at),
    view: async () => datasetView(session, (await dataset()).record),
    datasetId: async () => (await dataset()).id,
    format: async () => (await dataset()).record.format,
  }
}

/** Returns a function that does its work when it is called for the first time. */
function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined
  return async () => (result ??= work())
}

function snapshotOf(input: string, id: ObjectId | undefined): Snapshot {
  return { files: EMPTY_TREE, datasets: new Map(id === undefined ? [] : [[input, id]]) }
}

/** Runs the steps, each on what the one before it made. @throws what a step throws */
export async function makeBySteps(
  repository: Repository,
  session: WriteSession,
  stage: StepStage,
  { inputs, given }: StepInputs,
): Promise<StageProduct> {
  const { action } = stage
  const reports: { readonly step: string; readonly report: Json }[] = []
  let made: SnapshotPart | FilesOnDisk | undefined
  for (const [at, use] of action.steps.entries()) {
    const before = made && (await stored(repository, session, stage, made))
    made = await runStep(repository, session, stage, {
      use,
      inputs: before === undefined ? given : [madeInput(session, action.output, before)],
      format: at === action.steps.length - 1 ? action.format : undefined,
      onReport: ({ value }) => reports.push({ step: use.name, report: value }),
    })
  }
  if (made === undefined) throw new Error('A chain has a step.')
  const outputs = [await madeOutput(repository, session, stage, made)]
  if (action.report !== undefined) {
    const [only] = reports
    const report = await metricsPart(session, reports.length === 1 && only ? only.report : reports)
    const id = await contentIdOf(session, report.files)
    outputs.push({ path: action.report, id, part: report })
  }
  return { inputs, outputs, isRepeatable: true }
}

async function madeOutput(
  repository: Repository,
  session: WriteSession,
  stage: StepStage,
  made: SnapshotPart | FilesOnDisk,
): Promise<MadeOutput> {
  const { output } = stage.action
  const isStored = stage.stage.outputs.find((each) => each.path === output)?.isStored !== false
  if (isStored) {
    const part = await stored(repository, session, stage, made)
    return { path: output, id: await madeId(session, part), part }
  }
  // What is not stored is looked at on disk, where nobody knows what it means.
  if ('place' in made)
    return { path: output, id: await diskId(repository, made.place, output), place: made.place }
  const place = path.join(stage.scratch, 'made')
  await session.checkpoint()
  await placeUnstored(repository, made, place)
  return { path: output, id: await contentIdOf(session, made.files), place }
}

async function stored(
  repository: Repository,
  session: WriteSession,
  { action }: StepStage,
  made: SnapshotPart | FilesOnDisk,
): Promise<SnapshotPart> {
  if (!('place' in made)) return made
  const files = await storeFolder(repository, session, made.place, action.output)
  return { files, datasets: new Map() }
}

/** One step of a chain. */
interface ChainedStep {
  readonly use: StepUse
  readonly inputs: readonly PipelineInput[]
  readonly format: string | undefined
  readonly onReport: (report: StepReport) => void
}

/** Returns what makes a piece of what the only step of a stage makes; undefined where the step cannot be cut. */
export function pieceMaker(
  repository: Repository,
  session: WriteSession,
  { action, onNote, onReport }: StepStage,
  given: PipelineInput,
): (() => Promise<DatasetContent>) | undefined {
  const [use] = action.steps
  const step = PIPELINE_STEPS.find(({ name }) => name === use?.name)
  const make = step?.content?.bind(step)
  if (use === undefined || make === undefined) return undefined
  return async () =>
    make({
      repository,
      session,
      inputs: [given],
      options: use.options,
      format: action.format,
      output: action.output,
      signal: repository.environment.signal,
      onNote,
      onReport,
      scratchFolder: () => {
        throw new Error('Steps on datasets need no folder.')
      },
    })
}

async function runStep(
  repository: Repository,
  session: WriteSession,
  { action, scratch, onNote, onReport }: StepStage,
  { use, inputs, format, onReport: onOwnReport }: ChainedStep,
): Promise<SnapshotPart | FilesOnDisk> {
  const step = PIPELINE_STEPS.find(({ name }) => name === use.name)
  if (step === undefined) throw new Error(`The reader let the step ${use.name} through.`)
  return step.run({
    repository,
    session,
    inputs,
    options: use.options,
    format,
    output: action.output,
    signal: repository.environment.signal,
    onNote,
    onReport: (report) => {
      onOwnReport(report)
      onReport(report)
    },
    scratchFolder: () => {
      mkdirSync(scratch, { recursive: true })
      return mkdtempSync(path.join(scratch, 'step-'))
    },
  })
}

/** What one step has made, for the next one. */
function madeInput(session: WriteSession, output: string, part: SnapshotPart): PipelineInput {
  return pipelineInput(session, { path: output, place: '' }, { snapshot: part, at: '' })
}

export async function madeId(
  session: WriteSession,
  { files, datasets }: SnapshotPart,
): Promise<string> {
  const id = datasets.get('')
  if (id !== undefined) return meaningId(decodeDataset(await session.getObject('dataset', id)))
  return contentIdOf(session, files)
}
