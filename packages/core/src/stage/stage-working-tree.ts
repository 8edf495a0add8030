import { editTree, type ObjectId, type ObjectReader, scanBatches, type TreeRef } from '@dsv/store'
import { settleWorkingTree } from '../checkout/move-working-tree.ts'
import { placeTaken } from '../errors.ts'
import type { Loss } from '../format/format-adapter.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { decodePath } from '../record/file-record.ts'
import type { Repository, Transaction } from '../repository/repository.ts'
import { readIgnoreRules } from '../working-tree/ignore-rules.ts'
import type { KeptBlobs } from '../working-tree/known-blobs.ts'
import { pathRange } from '../working-tree/path-range.ts'
import { scanPaths } from '../working-tree/scan-paths.ts'
import { type AsideWork, withAsideWork } from './aside-work.ts'
import { type DatasetChange, planDatasets } from './plan-datasets.ts'
import { stageDataset } from './stage-dataset.ts'
import { type StagedFiles, stagedFiles } from './staged-files.ts'
import { type StoredFiles, storeFiles, trackedOnly } from './store-files.ts'

/** What is to be staged, and how. */
export interface StageRequest {
  /** Files and folders relative to the working tree; the empty string is all of it. */
  readonly paths: readonly string[]
  /** Only what is tracked already: no new files. */
  readonly trackedOnly?: boolean
  /** Makes each named folder a dataset of this format. */
  readonly format?: string
  /** Treats the named folders as plain files, whatever they look like. */
  readonly plain?: boolean
  /** What the columns of the named folders' tables mean, where the format takes that. */
  readonly map?: string
  /** `skip` goes on without what cannot be read, and reports it. */
  readonly onError?: 'fail' | 'skip'
}

/** A dataset that was read while staging. */
export interface StagedDataset {
  readonly path: string
  readonly format: string
  readonly change: DatasetChange['change']
  readonly id: ObjectId
  readonly items: number
  /** What the reader had to leave out. */
  readonly losses: readonly Loss[]
  readonly problems: readonly { readonly file: string; readonly message: string }[]
}

/** What staging found and did. */
export interface StageOutcome extends StoredFiles {
  readonly datasets: readonly StagedDataset[]
}

/** A stage that is stored but that nobody sees yet. */
export interface BuiltStage {
  readonly stage: Snapshot
  readonly outcome: StageOutcome
}

/**
 * Stores what changed under the paths of `request` and returns the stage that results: new and edited
 * files, removed ones, and datasets read anew where their files changed.
 *
 * @throws `DSV_PATH_UNKNOWN`, `DSV_PATH_IGNORED`, `DSV_LINK_LEAVES_TREE`, `DSV_FILE_CHANGED`,
 *   `DSV_PLACE_TAKEN`, `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_AMBIGUOUS`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`
 */
export async function stageWorkingTree(
  repository: Repository,
  transaction: Transaction,
  known: KeptBlobs,
  request: StageRequest,
): Promise<BuiltStage> {
  await settleWorkingTree(repository, known)
  return withAsideWork(repository.environment.signal, async (aside) =>
    buildStage(repository, transaction, { known, request, aside }),
  )
}

/** What building a stage needs to know. */
interface Building {
  readonly known: KeptBlobs
  readonly request: StageRequest
  readonly aside: AsideWork
}

async function buildStage(
  repository: Repository,
  transaction: Transaction,
  { known, request, aside }: Building,
): Promise<BuiltStage> {
  const { session, state } = transaction
  const { stage } = state.work
  const found = scanPaths(stage.files, request.paths, {
    root: repository.folder,
    reader: session,
    known,
    isIgnored: readIgnoreRules(repository.folder),
    signal: repository.environment.signal,
    ...(repository.isPartial && { onAbsent: () => {} }),
  })
  const changes = request.trackedOnly === true ? trackedOnly(found) : found
  const files = stagedFiles(session, stage.files)
  // A file that stays as it is will be read by nobody, so there is nothing to do meanwhile.
  const whileReading = request.plain === true ? undefined : aside
  const stored = await storeFiles(repository, session, known, changes, files, whileReading)
  if (repository.isPartial) await checkPlaces(session, stage.files, files)
  const plan = await planDatasets(repository, stage, files, request)
  const datasets = new Map(stage.datasets)
  const reports: StagedDataset[] = []
  for (const change of plan) {
    const staged = await stageDataset(repository, transaction, change, files, {
      ...request,
      aside,
    })
    if (staged === undefined) datasets.delete(change.path)
    else {
      datasets.set(change.path, staged.id)
      reports.push(staged.report)
    }
  }
  await files.removeClashes()
  return {
    stage: { files: await editTree(session, stage.files, files.edits()), datasets },
    outcome: { ...stored, datasets: reports },
  }
}

/**
 * A file where a folder was means that the files in it are gone, but not where they were left out.
 *
 * @throws `DSV_PLACE_TAKEN`
 */
async function checkPlaces(reader: ObjectReader, tree: TreeRef, files: StagedFiles): Promise<void> {
  for (const { path, type, before } of files.changesBelow('')) {
    if (before !== 'new' || type === undefined || type === 'empty-folder') continue
    for await (const entries of scanBatches(reader, tree, pathRange(path)))
      for (const { key } of entries)
        if ((await files.at(decodePath(key))) !== undefined) throw placeTaken(path)
  }
}
