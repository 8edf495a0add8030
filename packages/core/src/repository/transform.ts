import { EMPTY_TREE, type ObjectId, type ObjectReader, type WriteSession } from '@dsv/store'
import { checkUnchanged } from '../checkout/check-unchanged.ts'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { mergePending, nestedDataset } from '../errors.ts'
import type { DatasetView } from '../format/format-adapter.ts'
import { lossCounter, type LossSummary } from '../inspect/loss-counter.ts'
import { datasetOf, onlyDatasetPath, snapshotAt, STAGE } from '../inspect/snapshot-at.ts'
import type { Media } from '../model/item.ts'
import { EMPTY_SCHEMA } from '../model/schema.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { type DatasetContent, storeItems } from '../stage/store-items.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { isBelow } from '../working-tree/path-range.ts'
import { datasetView } from './dataset-view.ts'
import { isSameMeaning } from './reformatted.ts'
import { renderDataset, type Rendering, rewriteDataset, writeContext } from './render-dataset.ts'
import { readBack } from './read-back.ts'
import type { Repository } from './repository.ts'

/** What is made of which datasets. */
export interface TransformRequest {
  /** For the operation log: `transform filter`. */
  readonly description: string
  /** Where the datasets are taken from: a revision, or `stage`. */
  readonly revision?: string
  /** Paths of the datasets; may be empty where there is only one. */
  readonly datasets: readonly string[]
  /** Path of the dataset that the result becomes; the first of `datasets` by default. */
  readonly output?: string
  /** The format of a dataset that is new; that of the first of `datasets` by default. */
  readonly format?: string
}

/** A dataset that is transformed. */
export interface TransformInput {
  readonly path: string
  readonly view: DatasetView
  /** The version of the dataset: the id of its object. Absent where it is not stored. */
  readonly datasetId?: ObjectId
}

/** What a transformation may use beside its inputs. */
export interface TransformContext {
  readonly signal: AbortSignal
  /** Reads the pixels of a media file. @throws `DSV_MEDIA_MISSING`, `DSV_OBJECT_NOT_FOUND` */
  readMedia(media: Media): Promise<Uint8Array>
  /** Stores a new media file. */
  storeMedia(bytes: Uint8Array): Promise<Required<Pick<Media, 'blob' | 'sizeBytes'>>>
}

/** What became of a transformation. */
export interface TransformOutcome {
  /** The dataset that holds the result. */
  readonly path: string
  readonly format: string
  readonly items: number
  /** Whether it says what was there before. */
  readonly isUnchanged: boolean
  /** What its files do not show; it stays in the dataset. */
  readonly losses: readonly LossSummary[]
}

/**
 * Makes a dataset of others, stages it and writes it to the working tree. Nothing is committed.
 *
 * @throws `DSV_CHECKOUT_WOULD_OVERWRITE` when a file of a dataset differs from the stage, or lies where one is
 *   written; `DSV_DATASET_UNKNOWN`, `DSV_DATASET_UNNAMED`, `DSV_DATASET_NESTED`, `DSV_FORMAT_UNKNOWN`,
 *   `DSV_MERGE_PENDING`, `DSV_ITEM_DUPLICATE`, and what `transformation` throws
 */
export async function transform(
  repository: Repository,
  request: TransformRequest,
  transformation: (
    inputs: readonly TransformInput[],
    context: TransformContext,
  ) => Promise<DatasetContent>,
): Promise<TransformOutcome> {
  return withKnownBlobs(repository, async (known) =>
    repository.write(request.description, async (transaction) => {
      const { session } = transaction
      const { work } = transaction.state
      if (work.merge !== undefined) throw mergePending(work.merge.kind)
      const { revision = STAGE } = request
      const source = revision === STAGE ? work.stage : await snapshotAt(repository, revision)
      const paths =
        request.datasets.length > 0 ? request.datasets : [onlyDatasetPath(source, undefined)]
      const output = request.output ?? paths[0] ?? ''
      checkNotNested(work.stage, output)
      const touched = [...(revision === STAGE ? paths : []), output]
      const staged = touched.filter((path) => work.stage.datasets.has(path))
      await checkUnchanged(repository, transaction, known, [...new Set(staged)])
      const inputs = await transformInputs(session, source, paths)
      const content = await transformation(inputs, transformContext(repository, session))
      const format = request.format ?? inputs[0]?.record.format ?? ''
      const made = await place(repository, session, work.stage, { path: output, format, content })
      const stage = await stagedDataset(session, work.stage, output, made.rendering)
      const move = { from: work.stage.files, to: stage.files }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        transaction.publish({ work: afterMove({ ...work, stage }, moved) }),
      )
      const losses = lossCounter()
      for (const loss of made.rendering.losses) losses.add(loss)
      const { dataset } = made.rendering
      return {
        path: output,
        format: dataset.format,
        items: dataset.items.count,
        isUnchanged: made.isUnchanged,
        losses: losses.summary(),
      }
    }),
  )
}

/** Returns datasets of a snapshot as a transformation sees them. @throws `DSV_DATASET_UNKNOWN` */
export async function transformInputs(
  reader: ObjectReader,
  snapshot: Snapshot,
  paths: readonly string[],
): Promise<readonly (TransformInput & { readonly record: DatasetRecord })[]> {
  return Promise.all(
    paths.map(async (path) => {
      const record = await datasetOf(reader, snapshot, path)
      const datasetId = snapshot.datasets.get(path)
      const view = await datasetView(reader, record)
      return { path, record, view, ...(datasetId !== undefined && { datasetId }) }
    }),
  )
}

/** Returns what a transformation may use, with new media stored in a session. */
export function transformContext(repository: Repository, session: WriteSession): TransformContext {
  return {
    signal: repository.environment.signal,
    readMedia: async (media) => writeContext(repository, session, () => {}).readMedia(media),
    storeMedia: async (bytes) => ({
      blob: await session.putBlob(bytes),
      sizeBytes: bytes.length,
    }),
  }
}

function checkNotNested({ datasets }: Snapshot, path: string): void {
  for (const other of datasets.keys())
    if (other !== path && (isBelow(other, path) || isBelow(path, other)))
      throw nestedDataset(path, other)
}

/** What a dataset becomes, and where. */
interface Placing {
  readonly path: string
  /** Its format where it is new. */
  readonly format: string
  readonly content: DatasetContent
}

/** Stores the content with its files, in the format that the dataset has where there is one. */
async function place(
  repository: Repository,
  session: WriteSession,
  { files, datasets }: Snapshot,
  { path, format, content }: Placing,
): Promise<{ readonly rendering: Rendering; readonly isUnchanged: boolean }> {
  const id = datasets.get(path)
  const before = id && decodeDataset(await session.getObject('dataset', id))
  if (before !== undefined && before.format === format) {
    const after = await storeItems(repository, session, before, content)
    const isUnchanged = isSameMeaning(before, after)
    const rendering = isUnchanged
      ? { files, dataset: before, losses: [] }
      : await rewriteDataset(repository, session, files, { path, before, after })
    return { rendering, isUnchanged }
  }
  const dataset = await storeItems(repository, session, newDataset(format), content)
  const as = { format, variant: undefined }
  const rendering = await renderDataset(repository, session, files, { path, dataset, as })
  const stored = { path, before: { ...rendering.dataset, origin: 'read' as const } }
  const found = await readBack(repository, session, rendering.files, stored)
  return { rendering: { ...rendering, dataset: found }, isUnchanged: false }
}

/** Returns the record of a dataset that is empty yet. */
export function newDataset(format: string): DatasetRecord {
  return {
    schema: EMPTY_SCHEMA,
    format,
    layout: null,
    origin: 'rendered',
    items: EMPTY_TREE,
    layers: new Map(),
  }
}

async function stagedDataset(
  session: WriteSession,
  { datasets }: Snapshot,
  path: string,
  { files, dataset }: Rendering,
): Promise<Snapshot> {
  const id = await session.putObject('dataset', encodeDataset(dataset))
  return { files, datasets: new Map(datasets).set(path, id) }
}
