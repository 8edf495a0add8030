import { diffTrees, type TreeRef, type WriteSession } from '@dsv/store'
import type { FilesBefore, Folder, FormatAdapter, ReadContext } from '../format/format-adapter.ts'
import type { ItemKey } from '../model/item.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { decodePath } from '../record/file-record.ts'
import { datasetView } from '../repository/dataset-view.ts'
import { fileIn } from '../repository/file-in.ts'
import type { Repository } from '../repository/repository.ts'
import { storedFolder } from '../repository/stored-folder.ts'
import { joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'
import { type ImportContext, importDataset } from './import-dataset.ts'
import { knownMedia } from './known-media.ts'
import { patchDataset } from './patch-dataset.ts'

/** A dataset whose files are stored. */
export interface StoredDataset {
  readonly path: string
  /** What the dataset was before its files changed: gives uids, keys and the format. */
  readonly before: DatasetRecord
  /** The files that changed since, relative to the dataset; undefined reads all. */
  readonly changed?: readonly string[] | undefined
  /** A tree of files that say what `before` says, but for these items. */
  readonly since?: FilesSince | undefined
}

/** Files of which it is known how a dataset differs from them. */
export interface FilesSince {
  readonly files: TreeRef
  /** The same files, for adapters, which may remember what they found in it. */
  readonly folder: Folder
  readonly edited: readonly ItemKey[]
}

/**
 * Reads a dataset from files that are stored, only the changed ones where the format allows.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`
 */
export async function readStored(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  { path, before, changed, since }: StoredDataset,
): Promise<DatasetRecord> {
  const { formats, signal, onProgress } = repository.environment
  const folder = storedFolder(session, files, path)
  const adapter: FormatAdapter = await formats.load(before.format)
  const probeKnown = knownMedia(session, before)
  const reading: ReadContext = {
    signal,
    onLoss: () => {},
    onError: 'fail',
    onProblem: () => {},
    probe: async (file) => {
      const record = repository.isPartial
        ? await fileIn(session, files, joinPath(path, file))
        : undefined
      const isHere = record === undefined || !('blob' in record) || (await session.has(record.blob))
      const known = isHere ? undefined : await probeKnown(record)
      return known ?? formats.probe(folder, file)
    },
    layoutBefore: before.layout,
  }
  const importing: ImportContext = {
    store: session,
    temporaryFolder: repository.temporaryFolder,
    signal,
    onProgress,
    onError: reading.onError,
    onProblem: reading.onProblem,
    mediaAt: async (file) => {
      const found = await fileIn(session, files, joinPath(path, file))
      return found !== undefined && 'blob' in found
        ? { blob: found.blob, sizeBytes: found.sizeBytes }
        : undefined
    },
  }
  if (changed !== undefined && adapter.readChanged !== undefined) {
    const view = await datasetView(session, before)
    const filesBefore = since && (await filesSince(session, files, path, since))
    const patch = await adapter.readChanged(folder, changed, view, {
      ...reading,
      ...(filesBefore !== undefined && { filesBefore }),
    })
    if (patch !== undefined) return patchDataset(before, patch, importing)
  }
  return importDataset(await adapter.read(folder, reading), before.format, before, importing)
}

async function filesSince(
  session: WriteSession,
  files: TreeRef,
  path: string,
  since: FilesSince,
): Promise<FilesBefore> {
  const changed: string[] = []
  for await (const { key } of diffTrees(session, since.files, files, pathRange(path)))
    changed.push(relativeTo(path, decodePath(key)))
  return { folder: since.folder, changed, edited: since.edited }
}
