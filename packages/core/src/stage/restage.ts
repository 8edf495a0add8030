import {
  diffTrees,
  editTree,
  type ObjectId,
  type TreeEdit,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import { decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { decodePath } from '../record/file-record.ts'
import { fileIn } from '../repository/file-in.ts'
import type { Repository } from '../repository/repository.ts'
import { storedFolder } from '../repository/stored-folder.ts'
import { isBelow, joinPath, pathRange } from '../working-tree/path-range.ts'
import { importDataset } from './import-dataset.ts'

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
  const files = await editTree(session, stage.files, edits)
  const paths = edits.map(({ key }) => decodePath(key))
  const datasets = new Map(stage.datasets)
  for (const path of new Set([...stage.datasets.keys(), ...donor.datasets.keys()])) {
    if (!paths.some((each) => isBelow(each, path))) continue
    const id = donor.datasets.get(path)
    if (id !== undefined && (await hasSameFiles(session, files, donor.files, path)))
      datasets.set(path, id)
    else await readAgain(repository, session, { files, datasets }, path, donor)
  }
  return { files, datasets }
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
  { files, datasets }: { readonly files: TreeRef; readonly datasets: Map<string, ObjectId> },
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
  const { formats, signal, onProgress } = repository.environment
  const adapter = await formats.load(before.format)
  const stream = await adapter.read(folder, {
    signal,
    onLoss: () => {},
    onError: 'fail',
    onProblem: () => {},
    probe: async (file) => formats.probe(folder, file),
  })
  const record = await importDataset(stream, before.format, before, {
    store: session,
    temporaryFolder: repository.temporaryFolder,
    signal,
    onProgress,
    mediaAt: async (file) => {
      const found = await fileIn(session, files, joinPath(path, file))
      return found !== undefined && 'blob' in found
        ? { blob: found.blob, sizeBytes: found.sizeBytes }
        : undefined
    },
  })
  datasets.set(path, await session.putObject('dataset', encodeDataset(record)))
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
