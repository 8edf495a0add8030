import { diffTrees, type TreeRef, type WriteSession } from '@dsv/store'
import type {
  FilesBefore,
  Folder,
  FormatAdapter,
  Loss,
  ReadContext,
} from '../format/format-adapter.ts'
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

/** A dataset that was not read before. */
export interface NewStoredDataset {
  readonly path: string
  readonly format: string
  /** What it is in another version: gives uids and keys. */
  readonly before: DatasetRecord | undefined
}

/** Told what reading finds; paths are relative to the dataset. */
export interface StoredReadWatch {
  readonly onLoss?: (loss: Loss) => void
  /** A file that says something of items. */
  readonly onRead?: (path: string) => void
  readonly onMedia?: (path: string) => void
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
  const { format } = before
  const place = { path, format, before }
  const { adapter, folder, reading, importing } = await prepare(repository, session, files, place)
  if (changed !== undefined && adapter.readChanged !== undefined) {
    const view = await datasetView(session, before)
    const filesBefore = since && (await filesSince(session, files, path, since))
    const patch = await adapter.readChanged(folder, changed, view, {
      ...reading,
      ...(filesBefore !== undefined && { filesBefore }),
    })
    if (patch !== undefined) return patchDataset(before, patch, importing)
  }
  return importDataset(await adapter.read(folder, reading), format, before, importing)
}

/**
 * Reads a dataset for the first time, from files that are stored.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`
 */
export async function readNewStored(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  { path, format, before }: NewStoredDataset,
  watch: StoredReadWatch,
): Promise<DatasetRecord> {
  const place = { path, format, before }
  const prepared = await prepare(repository, session, files, place, watch)
  const stream = await prepared.adapter.read(prepared.folder, prepared.reading)
  return importDataset(stream, format, before, prepared.importing)
}

/** What reading a stored dataset takes. */
interface Prepared {
  readonly adapter: FormatAdapter
  readonly folder: Folder
  readonly reading: ReadContext
  readonly importing: ImportContext
}

async function prepare(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  { path, format, before }: NewStoredDataset,
  { onLoss = () => {}, onRead = () => {}, onMedia = () => {} }: StoredReadWatch = {},
): Promise<Prepared> {
  const { formats, signal, onProgress } = repository.environment
  // Probing opens media too: `onRead` is not told of that.
  const folder = storedFolder(session, files, path)
  const probeKnown = knownMedia(session, before)
  const reading: ReadContext = {
    signal,
    onLoss,
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
    ...(before?.format === format && { layoutBefore: before.layout }),
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
      if (found === undefined || !('blob' in found)) return undefined
      onMedia(file)
      return { blob: found.blob, sizeBytes: found.sizeBytes }
    },
  }
  return {
    adapter: await formats.load(format),
    folder: watched(folder, onRead),
    reading,
    importing,
  }
}

function watched(folder: Folder, onRead: (path: string) => void): Folder {
  return {
    ...folder,
    read: async (path) => {
      onRead(path)
      return folder.read(path)
    },
    open: async (path) => {
      onRead(path)
      return folder.open(path)
    },
  }
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
