import {
  diffTrees,
  editTree,
  EMPTY_TREE,
  mergeTrees,
  type ObjectId,
  type TreeEdit,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import type { Loss } from '../format/format-adapter.ts'
import type { Conflict, MergeOptions } from '../merge/conflict.ts'
import { mergeValue } from '../merge/merge-fields.ts'
import { MAX_LOCK_BYTES, mergeLock, PIPELINE_LOCK } from '../merge/merge-lock.ts'
import type { SourceIdChange } from '../merge/merge-schema.ts'
import type { Json } from '../model/json.ts'
import { isEqual } from '../diff/is-equal.ts'
import { EMPTY_SCHEMA, type Schema } from '../model/schema.ts'
import { comparePaths } from '../record/compare-paths.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import {
  decodeFile,
  decodePath,
  encodeFile,
  encodePath,
  type FileRecord,
} from '../record/file-record.ts'
import { isBelow, pathRange, relativeTo } from '../working-tree/path-range.ts'
import { subsetsOf } from './dataset-view.ts'
import { diffDatasets } from './diff-snapshots.ts'
import { itemEdits } from './item-edits.ts'
import { type DatasetMerge, type DatasetSides, mergeDatasets } from './merge-datasets.ts'
import { withoutFilledFolders } from './without-filled-folders.ts'
import { readBack } from './read-back.ts'
import { filesSince, renderDataset, renderEdits, speaksAlike } from './render-dataset.ts'
import type { Repository } from './repository.ts'
import { clearTypeClashes } from './type-clashes.ts'

/** Three snapshots to merge. */
export interface SnapshotSides {
  readonly base: Snapshot
  readonly ours: Snapshot
  readonly theirs: Snapshot
}

/** A merged snapshot; where there are conflicts it holds ours. */
export interface SnapshotMerge {
  readonly snapshot: Snapshot
  readonly conflicts: readonly Conflict[]
  /** What the format of a dataset cannot hold of what the other side brought; it stays in the dataset. */
  readonly losses: readonly Loss[]
  readonly sourceIdChanges: readonly SourceIdChange[]
}

/**
 * Merges files by path and datasets by meaning. An annotation file that one side alone touched is
 * taken as it is; one that both touched is written anew from the merged dataset.
 */
export async function mergeSnapshots(
  repository: Repository,
  session: WriteSession,
  sides: SnapshotSides,
  options: MergeOptions = {},
): Promise<SnapshotMerge> {
  const conflicts: Conflict[] = []
  const losses: Loss[] = []
  const sourceIdChanges: SourceIdChange[] = []
  const paths = datasetPaths(sides)
  const merged = await mergeFiles(session, sides, paths, options)
  for (const conflict of merged.conflicts) conflicts.push(conflict)
  let { files } = merged
  const datasets = new Map<string, ObjectId>()
  for (const path of paths) {
    const [base, ours, theirs] = [sides.base, sides.ours, sides.theirs].map((each) =>
      each.datasets.get(path),
    )
    if (ours === theirs || base === theirs) put(datasets, path, ours)
    else if (base === ours) put(datasets, path, theirs)
    else if (ours === undefined || theirs === undefined) {
      const kept =
        options.favour === 'theirs' ? theirs : options.favour === 'ours' ? ours : (ours ?? theirs)
      put(datasets, path, kept)
      files = await takeFiles(
        session,
        files,
        kept === theirs ? sides.theirs.files : sides.ours.files,
        path,
      )
      if (options.favour === undefined) conflicts.push(datasetConflict(path))
    } else {
      const read = async (id: ObjectId | undefined): Promise<DatasetRecord> =>
        id === undefined ? nothingLike(await readDataset(session, ours)) : readDataset(session, id)
      const versions = {
        base: await read(base),
        ours: await read(ours),
        theirs: await read(theirs),
      }
      const outcome = await mergeDatasets(session, versions, options)
      for (const conflict of outcome.conflicts) conflicts.push({ ...conflict, where: path })
      for (const change of outcome.sourceIdChanges) sourceIdChanges.push(change)
      const clashes = merged.clashes.get(path) ?? []
      const written = await writeMerged(repository, session, {
        path,
        files,
        filesOfOurs: sides.ours.files,
        clashes,
        versions,
        outcome,
      })
      files = written.files
      for (const loss of written.losses) losses.push(loss)
      datasets.set(path, await session.putObject('dataset', encodeDataset(written.dataset)))
    }
  }
  files = await withoutFilledFolders(session, sides.ours.files, files)
  return { snapshot: { files, datasets }, conflicts, losses, sourceIdChanges }
}

function datasetPaths({ base, ours, theirs }: SnapshotSides): readonly string[] {
  const paths = [base, ours, theirs].flatMap(({ datasets }) => [...datasets.keys()])
  return [...new Set(paths)].toSorted(comparePaths)
}

function put(datasets: Map<string, ObjectId>, path: string, id: ObjectId | undefined): void {
  if (id !== undefined) datasets.set(path, id)
}

async function readDataset(session: WriteSession, id: ObjectId): Promise<DatasetRecord> {
  return decodeDataset(await session.getObject('dataset', id))
}

/** What a dataset was before it was there. */
function nothingLike(dataset: DatasetRecord): DatasetRecord {
  return { ...dataset, schema: EMPTY_SCHEMA, items: EMPTY_TREE, layers: new Map() }
}

/** One side deleted a dataset that the other changed. */
function datasetConflict(path: string): Conflict {
  return {
    kind: 'file',
    where: path,
    key: path,
    fields: ['dataset'],
    base: null,
    ours: null,
    theirs: null,
  }
}

/** The merged files, and the annotation files that both sides touched, by dataset. */
interface MergedFiles {
  readonly files: TreeRef
  readonly conflicts: readonly Conflict[]
  readonly clashes: ReadonlyMap<string, readonly string[]>
}

async function mergeFiles(
  session: WriteSession,
  { base, ours, theirs }: SnapshotSides,
  datasets: readonly string[],
  { favour }: MergeOptions,
): Promise<MergedFiles> {
  const conflicts: Conflict[] = []
  const clashes = new Map<string, string[]>()
  const trees = { base: base.files, ours: ours.files, theirs: theirs.files }
  const files = await mergeTrees(session, trees, async (entry) => {
    const path = decodePath(entry.key)
    const [old, left, right] = [entry.base, entry.ours, entry.theirs].map(
      (each) => each && decodeFile(each),
    )
    if (isSameBytes(left, right)) return entry.ours
    const dataset = datasets.find((each) => isBelow(path, each))
    if (dataset !== undefined && [old, left, right].some(isClaimed)) {
      const paths = clashes.get(dataset) ?? []
      clashes.set(dataset, [...paths, path])
      return entry.ours ?? entry.theirs
    }
    if (path === PIPELINE_LOCK) {
      const lock = await mergedLock(session, old, left, right)
      if (lock !== undefined) return encodeFile(path, lock)
    }
    if (favour !== undefined) return favour === 'ours' ? entry.ours : entry.theirs
    const sides = { base: old ?? null, ours: left ?? null, theirs: right ?? null }
    conflicts.push({ kind: 'file', where: '', key: path, fields: [], ...sides })
    return entry.ours
  })
  const cleared = await clearTypeClashes(session, ours.files, files, favour)
  return { files: cleared.files, conflicts: [...conflicts, ...cleared.conflicts], clashes }
}

async function mergedLock(
  session: WriteSession,
  base: FileRecord | undefined,
  ours: FileRecord | undefined,
  theirs: FileRecord | undefined,
): Promise<FileRecord | undefined> {
  const [was, left, right] = await Promise.all(
    [base, ours, theirs].map(async (file) => lockText(session, file)),
  )
  const isPlain = ours !== undefined && 'blob' in ours
  if (!isPlain || left === undefined || right === undefined) return undefined
  const merged = mergeLock(was, left, right)
  if (merged === undefined) return undefined
  const bytes = Buffer.from(merged)
  return { ...ours, blob: await session.putBlob(bytes), sizeBytes: bytes.length }
}

async function lockText(
  session: WriteSession,
  file: FileRecord | undefined,
): Promise<string | undefined> {
  if (file === undefined || !('blob' in file)) return undefined
  // The size in the file record is a claim.
  const { sizeBytes = Infinity } = (await session.info(file.blob)) ?? {}
  if (sizeBytes > MAX_LOCK_BYTES) return undefined
  return Buffer.from(await session.getBlob(file.blob)).toString('utf8')
}

function isSameBytes(a: FileRecord | undefined, b: FileRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return 'blob' in a && 'blob' in b && a.type === b.type && a.blob === b.blob
}

function isClaimed(file: FileRecord | undefined): boolean {
  return file !== undefined && 'role' in file && file.role !== 'none'
}

/** Takes all files of a dataset from one side. */
async function takeFiles(
  session: WriteSession,
  files: TreeRef,
  side: TreeRef,
  path: string,
): Promise<TreeRef> {
  return editTree(session, files, await filesToTake(session, files, side, path))
}

/** The edits that make the files below a folder those of another tree. */
export async function filesToTake(
  session: WriteSession,
  files: TreeRef,
  side: TreeRef,
  path: string,
): Promise<TreeEdit[]> {
  const edits: TreeEdit[] = []
  for await (const { key, to } of diffTrees(session, files, side, pathRange(path)))
    edits.push({ key, entry: to })
  return edits
}

/** A merged dataset whose files are to be brought in line. */
interface MergedDataset {
  readonly path: string
  readonly files: TreeRef
  readonly filesOfOurs: TreeRef
  readonly clashes: readonly string[]
  readonly versions: DatasetSides
  readonly outcome: DatasetMerge
}

async function writeMerged(
  repository: Repository,
  session: WriteSession,
  { path, files, filesOfOurs, clashes, versions, outcome }: MergedDataset,
): Promise<{ files: TreeRef; dataset: DatasetRecord; losses: readonly Loss[] }> {
  const { base, ours, theirs } = versions
  const origin: DatasetRecord['origin'] =
    ours.origin === 'read' && theirs.origin === 'read' ? 'read' : 'rendered'
  const layout = mergeValue<Json>(base.layout, ours.layout, theirs.layout, undefined)
  const dataset: DatasetRecord = { ...outcome.merged, layout: layout.merged, origin }
  const isWhole =
    outcome.hasMoves ||
    layout.isConflict ||
    ours.format !== theirs.format ||
    [ours, theirs].some((side) => isOutvoted(side.schema, base.schema, dataset.schema)) ||
    (await areSubsetsOutvoted(session, versions, dataset))
  if (isWhole) {
    const as = { format: ours.format, variant: undefined }
    const rendering = await renderDataset(repository, session, files, { path, dataset, as })
    const before = { ...rendering.dataset, origin }
    return {
      ...rendering,
      dataset: await readBack(repository, session, rendering.files, { path, before }),
    }
  }
  if (clashes.length === 0) return { files, dataset, losses: [] }
  const difference = diffDatasets(session, path, ours, dataset)
  const edits = await itemEdits(session, difference, ours, dataset)
  const since = filesSince(session, { path, before: ours, files: filesOfOurs }, edits)
  const update = await renderEdits(repository, session, path, dataset, { edits, since })
  const taken = clashes.flatMap((file): TreeEdit[] => {
    const record = update.files.get(file)
    // What was not written stays as it is in ours, unless everything was written.
    if (record === undefined && !update.files.has(file) && !update.isComplete) return []
    return [{ key: encodePath(file), entry: record && encodeFile(file, record) }]
  })
  const merged = await editTree(session, files, taken)
  const before = { ...dataset, layout: update.layout }
  const changed = taken.map(({ key }) => relativeTo(path, decodePath(key)))
  return {
    files: merged,
    dataset: await readBack(repository, session, merged, { path, before, changed, since }),
    losses: update.losses,
  }
}

/** Whether a side changed which subsets there are, and there are others now: a file may list them. */
async function areSubsetsOutvoted(
  session: WriteSession,
  { base, ours, theirs }: DatasetSides,
  merged: DatasetRecord,
): Promise<boolean> {
  const [before, now] = [
    await subsetsOf(session, base.items),
    await subsetsOf(session, merged.items),
  ]
  for (const side of [ours, theirs]) {
    const subsets = await subsetsOf(session, side.items)
    if (!isEqual(subsets, before) && !isEqual(subsets, now)) return true
  }
  return false
}

/** Whether files that one side wrote under its schema are wrong under the merged one. */
function isOutvoted(side: Schema, base: Schema, merged: Schema): boolean {
  if (!speaksAlike(side, merged)) return true
  // The files that list its categories were taken from the side that changed them.
  const hasChanged = !(speaksAlike(side, base) && speaksAlike(base, side))
  return hasChanged && !speaksAlike(merged, side)
}
