import {
  type AnnotatedItem,
  buildDataset,
  datasetView,
  type DatasetView,
  decodeDataset,
  encodeDataset,
  newDataset,
  operationInfo,
  type Repository,
  RUNS_REF,
  storeItems,
  withComparedTree,
} from '@dsv/core'
import { EMPTY_TREE, type WriteSession } from '@dsv/store'
import { stageFailed } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { FoundRun } from '../run-cache/find-run.ts'
import { runDigest } from '../run-cache/run-digest.ts'
import { storeRun } from '../run-cache/store-run.ts'
import {
  madeId,
  pieceMaker,
  readStepInputs,
  type StepInputs,
  type StepStage,
} from '../run/make-by-steps.ts'
import type { StageProduct } from '../run/stage-product.ts'
import { planStages } from '../stale/plan-stages.ts'
import { noteLosses } from '../steps/note-losses.ts'
import { PIPELINE_STEPS } from '../steps/registry.ts'
import { noteCollector, tellNotes } from './piece-notes.ts'

/** A part of the items of a dataset: every `of`th, from the one with number `at` on. */
export interface Piece {
  readonly at: number
  readonly of: number
}

/** Returns whether the items of a stage can be worked on apart: its only step goes item by item. */
export function canCut({ action }: PipelineStage): boolean {
  if (action.kind !== 'steps' || action.inputs.length !== 1 || action.report !== undefined)
    return false
  const [use, ...others] = action.steps
  const step = PIPELINE_STEPS.find(({ name }) => name === use?.name)
  return others.length === 0 && step?.content !== undefined
}

/** Returns the digest under which a piece of a run is known: nobody may take it for the whole. */
export function pieceDigest(digest: string, { at, of }: Piece): string {
  return `${digest}/${at}/${of}`
}

/** Makes a piece of what a stage makes, without files, and puts it into the run cache, with what was noted. */
export async function makePiece(
  repository: Repository,
  address: string,
  piece: Piece,
  tool: string,
): Promise<void> {
  const { planned } = await withComparedTree(repository, async (compared) =>
    planStages(compared, { targets: [address], single: true }),
  )
  const [only] = planned
  const action = only?.stage.action
  if (only === undefined || action?.kind !== 'steps') throw new Error('Only steps are cut.')
  const { stage, inputs } = only
  const info = operationInfo(repository.environment, `run ${address}`)
  await repository.store.write(info, async (session) => {
    const notes = noteCollector()
    const step: StepStage = {
      stage,
      action,
      inputs,
      scratch: '',
      onNote: notes.add,
      // What a piece has to report says nothing of the whole.
      onReport: () => {},
    }
    const read = await readStepInputs(repository, session, step)
    const digest = runDigest(stage, read.inputs)
    const [given] = read.given
    if (digest === undefined || given === undefined) throw new Error('Nothing is missing.')
    const view = async (): Promise<DatasetView> => pieceOf(await given.view(), piece)
    const make = pieceMaker(repository, session, step, { ...given, view })
    if (make === undefined) throw new Error('Only steps that go item by item are cut.')
    const before = newDataset(action.format ?? (await given.format()))
    const made = await storeItems(repository, session, before, await make())
    const id = await session.putObject('dataset', encodeDataset(made))
    const part = { files: EMPTY_TREE, datasets: new Map([['', id]]) }
    const outputs = [{ path: action.output, id: await madeId(session, part), part }]
    const record = { action: inputs.action, parameters: {}, dependencies: {}, outputs: {}, tool }
    const run = {
      stage: address,
      digest: pieceDigest(digest, piece),
      record,
      outputs,
      notes: notes.counted(),
    }
    const to = await storeRun(repository, session, undefined, run)
    await session.publish(() => ({ refs: [{ name: RUNS_REF, from: undefined, to }] }))
  })
}

function pieceOf(view: DatasetView, { at, of }: Piece): DatasetView {
  const { schema, layout, subsets } = view
  return {
    schema,
    layout,
    subsets,
    items: (subset) => everyNth(view.items(subset), at, of),
    item: async (key) => view.item(key),
  }
}

async function* everyNth(
  items: AsyncIterable<AnnotatedItem>,
  at: number,
  of: number,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  let number = 0
  for await (const item of items) if (number++ % of === at) yield item
}

/** Makes of all pieces what the stage would have made of the whole. */
export async function joinPieces(
  repository: Repository,
  session: WriteSession,
  { stage, action, onNote }: StepStage,
  { inputs, given }: StepInputs,
  pieces: readonly FoundRun[],
): Promise<StageProduct> {
  const { output } = action
  const views: DatasetView[] = []
  for (const { commit } of pieces) {
    const id = commit.datasets.get(output)
    if (id === undefined) throw stageFailed(stageAddress(stage), 'came back without its items')
    views.push(await datasetView(session, decodeDataset(await session.getObject('dataset', id))))
  }
  const [first] = views
  const [input] = given
  if (first === undefined || input === undefined) throw new Error('There is a piece.')
  const content = { schema: first.schema, items: itemsOf(views) }
  const format = action.format ?? (await input.format())
  tellNotes(
    pieces.map(({ commit }) => commit.extra['notes']),
    onNote,
  )
  const { part, losses } = await buildDataset(repository, session, format, content)
  noteLosses(losses, format, onNote)
  return {
    inputs,
    outputs: [{ path: output, id: await madeId(session, part), part }],
    isRepeatable: true,
  }
}

async function* itemsOf(
  views: readonly DatasetView[],
): AsyncGenerator<AnnotatedItem, void, undefined> {
  for (const view of views) yield* view.items()
}
