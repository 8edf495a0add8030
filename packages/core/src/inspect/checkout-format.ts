import { diffTrees, editTree, type TreeEdit, type TreeRef } from '@dsv/store'
import { checkUnchanged } from '../checkout/check-unchanged.ts'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { mergePending } from '../errors.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { decodeFile } from '../record/file-record.ts'
import { renderDataset, type Rendering, rewriteDataset } from '../repository/render-dataset.ts'
import { isSameMeaning } from '../repository/reformatted.ts'
import type { Repository, Transaction } from '../repository/repository.ts'
import { snapshotOf } from '../repository/snapshot-of.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { afterMove, type WorkingFormat } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { pathRange } from '../working-tree/path-range.ts'
import { lossCounter, type LossSummary } from './loss-counter.ts'
import { datasetPaths } from './snapshot-at.ts'

/** In what format datasets are to be looked at. */
export interface CheckoutFormatRequest {
  /** Paths of datasets; default all. */
  readonly datasets?: readonly string[]
  readonly format: string
  readonly variant?: string
}

/** A dataset that is now in the working tree in another format. */
export interface ReformattedDataset {
  readonly path: string
  readonly from: string
  readonly to: string
  /** What the files do not show; it stays in the dataset. */
  readonly losses: readonly LossSummary[]
  /** Whether the files are those of the last commit again. */
  readonly isRestored: boolean
}

/**
 * Writes datasets of the stage into the working tree in another format. What they mean stays as it is,
 * so nothing is to be committed; edits of the new files are merged into the dataset when they are
 * added. Back in the format of the last commit, a dataset gets its committed files, of which only those
 * are written anew that hold something else since.
 *
 * Datasets that are in the format already are left out.
 *
 * @throws `DSV_CHECKOUT_WOULD_OVERWRITE` when a file of a dataset differs from the stage,
 *   `DSV_DATASET_UNKNOWN`, `DSV_FORMAT_UNKNOWN`, `DSV_MERGE_PENDING`
 */
export async function checkoutFormat(
  repository: Repository,
  request: CheckoutFormatRequest,
): Promise<readonly ReformattedDataset[]> {
  const { name: format } = await repository.environment.formats.describe(request.format)
  const as: WorkingFormat = { format, variant: request.variant }
  return withKnownBlobs(repository, async (known) =>
    repository.write(`checkout --format ${format}`, async (transaction) => {
      const { state } = transaction
      const { work } = state
      if (work.merge !== undefined) throw mergePending(work.merge.kind)
      const named = request.datasets?.flatMap((path) => datasetPaths(work.stage, path))
      const paths = named ?? datasetPaths(work.stage, undefined)
      await checkUnchanged(repository, transaction, known, paths)
      const last = await snapshotOf(repository, state.headCommit)
      const done: ReformattedDataset[] = []
      let view = { stage: work.stage, formats: work.formats }
      for (const path of paths) {
        const step = await reformat(repository, transaction, last, view, path, as)
        if (step === undefined) continue
        view = step
        done.push(step.report)
      }
      const { files: to, datasets } = view.stage
      const move = { from: work.stage.files, to, datasets }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        transaction.publish({ work: afterMove({ ...work, ...view }, moved) }),
      )
      return done
    }),
  )
}

/** The stage, and the formats in which it is looked at. */
interface FormattedStage {
  readonly stage: Snapshot
  readonly formats: ReadonlyMap<string, WorkingFormat>
}

async function reformat(
  repository: Repository,
  { session }: Transaction,
  last: Snapshot,
  { stage, formats }: FormattedStage,
  path: string,
  as: WorkingFormat,
): Promise<(FormattedStage & { readonly report: ReformattedDataset }) | undefined> {
  const read = async (snapshot: Snapshot): Promise<DatasetRecord | undefined> => {
    const id = snapshot.datasets.get(path)
    return id && decodeDataset(await session.getObject('dataset', id))
  }
  const [committed, dataset] = [await read(last), await read(stage)]
  if (dataset === undefined || isShownAs(dataset, formats.get(path), as)) return undefined
  const report = { path, from: dataset.format, to: as.format }
  if (committed?.format === as.format && as.variant === undefined) {
    const edits = await claimedEdits(session, stage.files, last.files, path)
    const files = await editTree(session, stage.files, edits)
    const isRestored = isSameMeaning(committed, dataset)
    const { format, layout, origin } = committed
    const rewritten = isRestored
      ? { files, dataset: committed, losses: [] }
      : await rewriteDataset(repository, session, files, {
          path,
          before: committed,
          after: { ...dataset, format, layout, origin },
        })
    const shown = new Map([...formats].filter(([each]) => each !== path))
    return shownAs(session, stage, path, rewritten, shown, { ...report, isRestored })
  }
  const rendering = await renderDataset(repository, session, stage.files, { path, dataset, as })
  const shown = new Map(formats).set(path, as)
  return shownAs(session, stage, path, rendering, shown, { ...report, isRestored: false })
}

async function shownAs(
  session: Transaction['session'],
  stage: Snapshot,
  path: string,
  { files, dataset, losses }: Rendering,
  formats: FormattedStage['formats'],
  report: Omit<ReformattedDataset, 'losses'>,
): Promise<FormattedStage & { readonly report: ReformattedDataset }> {
  const counter = lossCounter()
  for (const loss of losses) counter.add(loss)
  const datasetId = await session.putObject('dataset', encodeDataset(dataset))
  return {
    stage: { files, datasets: new Map(stage.datasets).set(path, datasetId) },
    formats,
    report: { ...report, losses: counter.summary() },
  }
}

function isShownAs(
  dataset: DatasetRecord,
  shown: WorkingFormat | undefined,
  as: WorkingFormat,
): boolean {
  return dataset.format === as.format && shown?.variant === as.variant
}

/** The edits that bring back the committed files that an adapter claims. */
async function claimedEdits(
  session: Transaction['session'],
  staged: TreeRef,
  committed: TreeRef,
  path: string,
): Promise<readonly TreeEdit[]> {
  const edits: TreeEdit[] = []
  for await (const { key, from, to } of diffTrees(session, staged, committed, pathRange(path))) {
    const isClaimed = [from, to].some((entry) => {
      const file = entry && decodeFile(entry)
      return file !== undefined && 'role' in file && file.role !== 'none'
    })
    if (isClaimed) edits.push({ key, entry: to })
  }
  return edits
}
