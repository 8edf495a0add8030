import {
  diffTrees,
  editTree,
  type ObjectId,
  type TreeEdit,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { comparePaths } from '../record/compare-paths.ts'
import { decodePath, encodePath } from '../record/file-record.ts'
import { mergeDatasets } from '../repository/merge-datasets.ts'
import type { Repository } from '../repository/repository.ts'
import { storedFolder } from '../repository/stored-folder.ts'
import { isBelow, pathRange } from '../working-tree/path-range.ts'
import { findClashes } from './find-clashes.ts'
import { readStored } from './read-stored.ts'

/**
 * Returns the stage with edits of its file tree, and with the datasets that these touch in line with
 * their files: taken from `donor` where that has the same files, else read from the stored files.
 */
export async function restage(
  repository: Repository,
  session: WriteSession,
  stage: Snapshot,
  edits: readonly TreeEdit[],
  donor: Snapshot,
): Promise<Snapshot> {
  const files = await editTree(session, stage.files, await withClashes(session, stage.files, edits))
  const paths = edits.map(({ key }) => decodePath(key))
  const datasets = new Map(stage.datasets)
  for (const path of new Set([...stage.datasets.keys(), ...donor.datasets.keys()])) {
    if (!paths.some((each) => isBelow(each, path))) continue
    const id = donor.datasets.get(path)
    if (id !== undefined && (await hasSameFiles(session, files, donor.files, path)))
      datasets.set(path, id)
    else await readAgain(repository, session, { stage, files, datasets }, path, donor)
  }
  return { files, datasets }
}

/** The edits, and those that remove what cannot stay beside what they add. */
async function withClashes(
  session: WriteSession,
  tree: TreeRef,
  edits: readonly TreeEdit[],
): Promise<readonly TreeEdit[]> {
  const all = new Map(edits.map((edit) => [decodePath(edit.key), edit]))
  const added = edits.flatMap(({ key, entry }) => (entry === undefined ? [] : decodePath(key)))
  for (const path of await findClashes(session, tree, added))
    if (!all.has(path)) all.set(path, { key: encodePath(path), entry: undefined })
  return [...all].toSorted(([a], [b]) => comparePaths(a, b)).map(([, edit]) => edit)
}

async function hasSameFiles(
  session: WriteSession,
  a: TreeRef,
  b: TreeRef,
  folder: string,
): Promise<boolean> {
  const first = await diffTrees(session, a, b, pathRange(folder)).next()
  return first.done === true
}

async function readAgain(
  repository: Repository,
  session: WriteSession,
  {
    stage,
    files,
    datasets,
  }: {
    readonly stage: Snapshot
    readonly files: TreeRef
    readonly datasets: Map<string, ObjectId>
  },
  path: string,
  donor: Snapshot,
): Promise<void> {
  const id = datasets.get(path) ?? donor.datasets.get(path)
  if (id === undefined) return
  const folder = storedFolder(session, files, path)
  if ((await folder.list()).length === 0) {
    datasets.delete(path)
    return
  }
  const before = decodeDataset(await session.getObject('dataset', id))
  const record =
    before.origin === 'rendered' && stage.datasets.has(path)
      ? await readRendering(repository, session, { from: stage.files, to: files }, path, before)
      : await readStored(repository, session, files, { path, before })
  datasets.set(path, await session.putObject('dataset', encodeDataset(record)))
}

/** The files may hold less than the dataset: what counts is how they differ from those before. */
async function readRendering(
  repository: Repository,
  session: WriteSession,
  files: { readonly from: TreeRef; readonly to: TreeRef },
  path: string,
  ours: DatasetRecord,
): Promise<DatasetRecord> {
  const base = await readStored(repository, session, files.from, { path, before: ours })
  const theirs = await readStored(repository, session, files.to, { path, before: base })
  const { merged } = await mergeDatasets(session, { base, ours, theirs }, { favour: 'theirs' })
  return { ...merged, format: ours.format, layout: theirs.layout, origin: 'rendered' }
}

/** Returns the edits that make the files under `paths` those of another tree. */
export async function editsToward(
  session: WriteSession,
  from: TreeRef,
  to: TreeRef,
  paths: readonly string[],
): Promise<TreeEdit[]> {
  const edits: TreeEdit[] = []
  for await (const change of diffTrees(session, from, to)) {
    const path = decodePath(change.key)
    if (paths.some((each) => isBelow(path, each))) edits.push({ key: change.key, entry: change.to })
  }
  return edits
}
