import { editTree, type ObjectId, type TreeEdit, type TreeRef, type WriteSession } from '@dsv/store'
import type { Loss } from '../format/format-adapter.ts'
import { decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { encodeFile, encodePath, type FileRole } from '../record/file-record.ts'
import { comparePaths } from '../record/compare-paths.ts'
import {
  type DiscoveredDataset,
  discoverDatasets,
  type DiscoverySource,
} from '../stage/discover-datasets.ts'
import { readNewStored } from '../stage/read-stored.ts'
import { joinPath, relativeTo } from '../working-tree/path-range.ts'
import { fileIn } from './file-in.ts'
import type { Repository } from './repository.ts'
import type { SnapshotPart } from './snapshot-part.ts'
import { storedFolder } from './stored-folder.ts'

/** How stored files are looked at. */
export interface RecognizeRequest {
  /** What the files are called in messages: the folder that they are from. */
  readonly name: string
  /** Makes the folder a dataset of this format, whatever it looks like. */
  readonly format?: string
  /** Datasets of another version, relative to the folder: give uids and keys. */
  readonly before?: ReadonlyMap<string, ObjectId>
  /** Told what the reader of a dataset had to leave out. */
  readonly onLoss?: (path: string, loss: Loss) => void
}

/**
 * Finds the datasets among stored files and reads them, as `add` does with a folder on disk.
 *
 * @param files - Paths are relative to the folder
 * @throws `DSV_FORMAT_AMBIGUOUS`, `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`
 */
export async function recognizePart(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  request: RecognizeRequest,
): Promise<SnapshotPart> {
  const { before, onLoss = () => {} } = request
  const roles = new Map<string, FileRole>()
  const datasets = new Map<string, ObjectId>()
  for (const { path, format } of await found(repository, session, files, request)) {
    const noted =
      (role: FileRole) =>
      (file: string): void => {
        const full = joinPath(path, file)
        // Media may be opened too, to look at their pixels.
        if (roles.get(full) !== 'media') roles.set(full, role)
      }
    const id = before?.get(path)
    const record = await readNewStored(
      repository,
      session,
      files,
      { path, format, before: id && decodeDataset(await session.getObject('dataset', id)) },
      {
        onLoss: (loss) => onLoss(path, loss),
        onRead: noted('annotation'),
        onMedia: noted('media'),
      },
    )
    datasets.set(path, await session.putObject('dataset', encodeDataset(record)))
  }
  return { files: await withRoles(session, files, roles), datasets }
}

async function found(
  { environment: { formats } }: Repository,
  session: WriteSession,
  files: TreeRef,
  { name, format }: RecognizeRequest,
): Promise<readonly DiscoveredDataset[]> {
  if (format !== undefined) return [{ path: '', format: (await formats.describe(format)).name }]
  const all = await storedFolder(session, files, '').list()
  // A single file has no path of its own.
  if (all.length === 0 || all[0] === '') return []
  const source: DiscoverySource = {
    formats,
    folderAt: (path, shown) => storedFolder(session, files, relativeTo(name, path), shown),
  }
  const discovered = await discoverDatasets(source, name, all, [])
  return discovered.map((each) => ({ ...each, path: relativeTo(name, each.path) }))
}

/** Notes what the files of datasets are. */
async function withRoles(
  session: WriteSession,
  files: TreeRef,
  roles: ReadonlyMap<string, FileRole>,
): Promise<TreeRef> {
  const edits: TreeEdit[] = []
  for (const [path, role] of [...roles].toSorted(([a], [b]) => comparePaths(a, b))) {
    const record = await fileIn(session, files, path)
    if (record === undefined || !('role' in record) || record.role === role) continue
    edits.push({ key: encodePath(path), entry: encodeFile(path, { ...record, role }) })
  }
  return editTree(session, files, edits)
}
