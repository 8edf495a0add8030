import {
  deriveKeyHash,
  encodeCanonical,
  type ObjectReader,
  type ObjectStore,
  diffTrees,
  editTree,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset } from '../record/dataset-record.ts'
import { decodeFile, decodePath } from '../record/file-record.ts'
import { isBelow, pathRange } from '../working-tree/path-range.ts'

/**
 * Returns the snapshot that a commit of `stage` after `last` holds. A dataset that only its format in
 * the working tree tells from the last commit stays as it was committed: looking at data in another
 * format is no change of the data.
 */
export async function committedSnapshot(
  store: ObjectStore,
  last: Snapshot | undefined,
  stage: Snapshot,
): Promise<Snapshot> {
  if (last === undefined) return stage
  const datasets = new Map(stage.datasets)
  let { files } = stage
  for (const path of await reformattedDatasets(store, last, stage)) {
    const committed = last.datasets.get(path)
    if (committed === undefined) continue
    datasets.set(path, committed)
    files = await editTree(store, files, await committedFiles(store, last.files, files, path))
  }
  return { files, datasets }
}

/** The edits that bring back the committed files of a dataset, but for those no adapter claims. */
async function committedFiles(
  reader: ObjectReader,
  committed: TreeRef,
  staged: TreeRef,
  path: string,
): Promise<TreeEdit[]> {
  const edits: TreeEdit[] = []
  for await (const { key, from, to } of diffTrees(reader, staged, committed, pathRange(path)))
    if (isClaimed(from) || isClaimed(to)) edits.push({ key, entry: to })
  return edits
}

/** Returns the datasets that say the same in both snapshots, in files of different formats. */
export async function reformattedDatasets(
  reader: ObjectReader,
  a: Snapshot,
  b: Snapshot,
): Promise<readonly string[]> {
  const paths: string[] = []
  for (const [path, datasetId] of b.datasets) {
    const other = a.datasets.get(path)
    if (other === undefined || other === datasetId) continue
    const [left, right] = [
      decodeDataset(await reader.getObject('dataset', other)),
      decodeDataset(await reader.getObject('dataset', datasetId)),
    ]
    if (left.format !== right.format && isSameMeaning(left, right)) paths.push(path)
  }
  return paths
}

/** Returns whether two datasets say the same, whatever files say it. */
export function isSameMeaning(a: DatasetRecord, b: DatasetRecord): boolean {
  return (
    a.items.root === b.items.root &&
    a.layers.size === b.layers.size &&
    [...a.layers].every(([name, tree]) => b.layers.get(name)?.root === tree.root) &&
    Buffer.compare(encodeCanonical(a.schema), encodeCanonical(b.schema)) === 0
  )
}

/** Returns the id of what a dataset says, whatever files say it: `dataset:` and 64 hexadecimal digits. */
export function meaningId({ schema, items, layers }: DatasetRecord): string {
  const trees = [...layers]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { root }]) => [name, root ?? ''])
  const bytes = encodeCanonical([schema, items.root ?? '', trees])
  return `dataset:${Buffer.from(deriveKeyHash('dsv meaning v1', bytes)).toString('hex')}`
}

/** Returns whether two snapshots hold the same, up to the formats that datasets are written in. */
export async function isSameContent(
  reader: ObjectReader,
  a: Snapshot,
  b: Snapshot,
): Promise<boolean> {
  const reformatted = await reformattedDatasets(reader, a, b)
  const paths = new Set([...a.datasets.keys(), ...b.datasets.keys()])
  for (const path of paths)
    if (a.datasets.get(path) !== b.datasets.get(path) && !reformatted.includes(path)) return false
  for await (const { key, from, to } of diffTrees(reader, a.files, b.files)) {
    const path = decodePath(key)
    const isRendering = reformatted.some((dataset) => isBelow(path, dataset))
    if (!isRendering || !(isClaimed(from) || isClaimed(to))) return false
  }
  return true
}

function isClaimed(entry: TreeEntry | undefined): boolean {
  if (entry === undefined) return false
  const file = decodeFile(entry)
  return 'role' in file && file.role !== 'none'
}
