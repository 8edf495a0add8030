import path from 'node:path'
import { type BlobPiece, fileChanged, isFolderDriver, type ObjectId } from '@dsv/store'
import { checkMap } from '../format/check-map.ts'
import type {
  DatasetStream,
  Folder,
  FormatAdapter,
  Loss,
  ReadContext,
} from '../format/format-adapter.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { datasetView } from '../repository/dataset-view.ts'
import { mergeDatasets } from '../repository/merge-datasets.ts'
import type { Repository, Transaction } from '../repository/repository.ts'
import { storedFolder } from '../repository/stored-folder.ts'
import { joinPath, relativeTo } from '../working-tree/path-range.ts'
import { statPath } from '../working-tree/stat-path.ts'
import { type WorkingFolder, workingFolder } from '../working-tree/working-folder.ts'
import type { AsideWork } from './aside-work.ts'
import { type ImportContext, importDataset } from './import-dataset.ts'
import { knownMedia } from './known-media.ts'
import { patchDataset } from './patch-dataset.ts'
import type { StagedChange } from './file-table.ts'
import type { DatasetChange } from './plan-datasets.ts'
import type { StagedDataset, StageRequest } from './stage-working-tree.ts'
import type { StagedFiles } from './staged-files.ts'

/** A dataset that was stored, and what there is to say about it. */
export interface StagedDatasetResult {
  readonly id: ObjectId
  readonly report: StagedDataset
}

/** How a dataset is read, and what stores its files meanwhile. */
interface StageOptions extends Pick<StageRequest, 'onError' | 'map'> {
  readonly aside?: Pick<AsideWork, 'settled'>
}

/**
 * Reads a dataset from the working tree, only its changed files where the format allows, and stores
 * it. Notes in `files` which of them the adapter read and which are media. Returns undefined when no
 * file of the dataset is left.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`, `DSV_FILE_CHANGED`,
 *   `DSV_MAP_NOT_TAKEN`
 */
export async function stageDataset(
  repository: Repository,
  transaction: Transaction,
  change: DatasetChange,
  files: StagedFiles,
  { onError = 'fail', map, aside }: StageOptions = {},
): Promise<StagedDatasetResult | undefined> {
  const { session, state } = transaction
  const { formats, signal, onProgress } = repository.environment
  if (!(await files.hasAny(change.path))) return undefined
  const tracked = files.below(change.path)
  const before = await datasetBefore(transaction, change.path)
  const format = change.format ?? before?.format ?? ''
  const adapter = await formats.load(format)
  // The map is for the folders that were named, not for others that changed.
  const ownMap = change.change === 'edited' ? undefined : map
  checkMap(adapter.format, ownMap)
  const root = path.join(repository.folder, change.path)
  // In a partial clone media may be neither on disk nor stored.
  const stored = repository.isPartial
    ? storedFolder(session, state.work.stage.files, change.path)
    : undefined
  const piecesOf = async (file: string): Promise<readonly BlobPiece[]> => {
    await aside?.settled()
    const known = await files.at(joinPath(change.path, file))
    return known !== undefined && 'blob' in known ? session.piecesOf(known.blob) : []
  }
  const folder: WorkingFolder = { ...workingFolder(root, tracked, stored), piecesOf }
  const losses: Loss[] = []
  const problems: { file: string; message: string }[] = []
  // Probing media opens them too: through a folder of its own, so that `used` holds what was read.
  const probed = workingFolder(root, tracked, stored)
  const probeKnown = knownMedia(session, before)
  const reading: ReadContext = {
    signal,
    onLoss: (loss) => losses.push(loss),
    onError,
    onProblem: (problem) => problems.push(problem),
    probe: async (file) => {
      const isAbsent = repository.isPartial && statPath(root, file) === undefined
      const record = isAbsent ? await files.at(joinPath(change.path, file)) : undefined
      return (await probeKnown(record)) ?? formats.probe(probed, file)
    },
    ...(ownMap !== undefined && { map: ownMap }),
    ...(before?.format === adapter.format.name && { layoutBefore: before.layout }),
  }
  const importing: ImportContext = {
    store: session,
    temporaryFolder: isFolderDriver(session.driver)
      ? path.dirname(session.driver.temporaryFile())
      : undefined,
    signal,
    onProgress,
    onError,
    onProblem: reading.onProblem,
    mediaAt: async (file) => {
      const record = await files.at(joinPath(change.path, file))
      if (record === undefined || !('blob' in record)) return undefined
      await files.setRole(joinPath(change.path, file), 'media')
      return { blob: record.blob, sizeBytes: record.sizeBytes }
    },
  }
  const record = await readDataset(
    { adapter, folder, reading, importing, change, files },
    before,
    () => storedFolder(session, state.work.stage.files, change.path),
  )
  for (const file of folder.used) {
    const full = joinPath(change.path, file)
    const known = await files.at(full)
    if (known !== undefined && 'role' in known && known.role !== 'media')
      await files.setRole(full, 'annotation')
  }
  checkUnmoved(repository.folder, files.changesBelow(change.path))
  const id = await session.putObject('dataset', encodeDataset(record))
  const report = { path: change.path, format, change: change.change, id, losses, problems }
  return { id, report: { ...report, items: record.items.count } }
}

async function datasetBefore(
  { session, state }: Transaction,
  datasetPath: string,
): Promise<DatasetRecord | undefined> {
  const id = state.work.stage.datasets.get(datasetPath)
  return id === undefined ? undefined : decodeDataset(await session.getObject('dataset', id))
}

/** What reading a dataset works with. */
interface Reading {
  readonly adapter: FormatAdapter
  readonly folder: WorkingFolder
  readonly reading: ReadContext
  readonly importing: ImportContext
  readonly change: DatasetChange
  readonly files: StagedFiles
}

async function readDataset(
  context: Reading,
  before: DatasetRecord | undefined,
  storedBefore: () => Folder,
): Promise<DatasetRecord> {
  const { adapter, folder, reading, importing } = context
  const { name } = adapter.format
  if (before === undefined)
    return importDataset(await adapter.read(folder, reading), name, undefined, importing)
  if (context.change.change === 'edited' && before.origin === 'read')
    return (
      (await readChangedFiles(context, before, storedBefore())) ??
      importDataset(await adapter.read(folder, reading), name, before, importing)
    )
  if (before.origin === 'rendered' && before.format === name)
    return readRendered(context, before, await adapter.read(storedBefore(), reading))
  return importDataset(await adapter.read(folder, reading), name, before, importing)
}

/** Reads only the changed files; undefined when the format cannot tell from them. */
async function readChangedFiles(
  { adapter, folder, reading, importing, change, files }: Reading,
  before: DatasetRecord,
  folderBefore: Folder,
): Promise<DatasetRecord | undefined> {
  const changes = [...files.changesBelow(change.path)]
  if (changes.every(isEditOfUnclaimed)) return before
  if (adapter.readChanged === undefined) return undefined
  const paths = (list: readonly StagedChange[]): readonly string[] =>
    list.map(({ path: file }) => relativeTo(change.path, file))
  const places = changes.filter(({ path: file }) => !file.endsWith('/'))
  const changed = paths(places.filter(({ type }) => type !== 'symlink'))
  const view = await datasetView(importing.store, before)
  const filesBefore = { folder: folderBefore, changed: paths(places), edited: [] }
  const patch = await adapter.readChanged(folder, changed, view, { ...reading, filesBefore })
  return patch === undefined ? undefined : patchDataset(before, patch, importing)
}

/** A file that was there and that no adapter read says nothing, whatever its bytes are now. */
function isEditOfUnclaimed({ type, before }: StagedChange): boolean {
  return type !== undefined && (before === 'other' || before === 'none')
}

/**
 * The files are a rendering that may hold less than the dataset: what counts is how they differ from
 * the rendering. That difference is merged into the dataset.
 */
async function readRendered(
  { adapter, folder, reading, importing }: Reading,
  ours: DatasetRecord,
  rendering: DatasetStream,
): Promise<DatasetRecord> {
  const { name } = adapter.format
  const base = await importDataset(rendering, name, ours, importing)
  const theirs = await importDataset(await adapter.read(folder, reading), name, base, importing)
  const { merged } = await mergeDatasets(
    importing.store,
    { base, ours, theirs },
    { favour: 'theirs' },
  )
  return { ...merged, format: name, layout: theirs.layout, origin: 'rendered' }
}

/** Files are hashed first and read by the adapter later; both must have seen the same bytes. */
function checkUnmoved(root: string, changes: Iterable<StagedChange>): void {
  for (const { path: file, type, changedNs } of changes) {
    if (type !== 'file' && type !== 'executable') continue
    if (statPath(root, file)?.ctimeNs !== changedNs) throw fileChanged(file)
  }
}
