import {
  editTree,
  type ObjectReader,
  type ObjectStore,
  scanBatches,
  type TreeEdit,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import type {
  AdapterContext,
  FormatAdapter,
  ItemEdit,
  Loss,
  WritableFolder,
  WriteContext,
} from '../format/format-adapter.ts'
import { isFramePicture } from '../format/frames-as-images.ts'
import { GROUND_TRUTH, type Media } from '../model/item.ts'
import { isEqual } from '../diff/is-equal.ts'
import type { Schema } from '../model/schema.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import {
  decodeFile,
  decodePath,
  encodeFile,
  encodePath,
  type FileRecord,
} from '../record/file-record.ts'
import { comparePaths } from '../record/compare-paths.ts'
import { checkPath } from '../record/check-path.ts'
import { mediaMissing } from '../errors.ts'
import type { WorkingFormat } from '../stage/work-state.ts'
import { joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'
import { datasetView } from './dataset-view.ts'
import { diffDatasets } from './diff-snapshots.ts'
import { itemEdits } from './item-edits.ts'
import { withoutFilledFolders } from './without-filled-folders.ts'
import { readBack } from './read-back.ts'
import { storedFolder } from './stored-folder.ts'
import type { FilesSince } from '../stage/read-stored.ts'
import type { Repository } from './repository.ts'

/** A dataset written in a format, into the store. */
export interface Rendering {
  /** The file tree of the snapshot with the files of the dataset replaced. */
  readonly files: TreeRef
  readonly dataset: DatasetRecord
  readonly losses: readonly Loss[]
}

/**
 * Writes a dataset in another format into the store: its annotation files are replaced, its media lie
 * where the format wants them, and files that no adapter claims stay.
 *
 * @throws `DSV_FORMAT_UNKNOWN`, `DSV_MEDIA_MISSING`, and what the adapter throws
 */
export async function renderDataset(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  { path, dataset, as }: { path: string; dataset: DatasetRecord; as: WorkingFormat },
): Promise<Rendering> {
  const adapter = await repository.environment.formats.load(as.format)
  const losses: Loss[] = []
  const written = new Map<string, FileRecord>()
  const context = writeContext(repository, session, (loss) => losses.push(loss), as.variant)
  const view = await datasetView(
    session,
    dataset,
    dataset.format === as.format ? dataset.layout : null,
  )
  const layout = await adapter.write(view, storeFolder(repository, session, path, written), context)
  const edits = await replacedFiles(session, files, path, written)
  return {
    files: await editTree(session, files, edits),
    dataset: { ...dataset, format: as.format, layout, origin: 'rendered' },
    losses,
  }
}

/** Returns what an adapter needs to write, with media read from the store. */
export function writeContext(
  repository: Repository,
  reader: Pick<ObjectStore, 'getBlob'>,
  onLoss: AdapterContext['onLoss'],
  variant?: string,
): WriteContext {
  return {
    signal: repository.environment.signal,
    onLoss,
    variant,
    layer: GROUND_TRUTH,
    readMedia: async (media) => {
      if (media.blob === undefined) throw mediaMissing(media.path)
      return media.frame === undefined ? reader.getBlob(media.blob) : repository.frames.read(media)
    },
  }
}

/** A folder whose files go into the store; `written` gets their records by path in the snapshot. */
export function storeFolder(
  { frames }: Pick<Repository, 'frames'>,
  store: ObjectStore,
  root: string,
  written: Map<string, FileRecord>,
): WritableFolder {
  const note = (inside: string, record: FileRecord): void => {
    const path = joinPath(root, inside)
    checkPath(path)
    written.set(path, record)
  }
  return {
    write: async (inside, content) => {
      if (content instanceof Uint8Array) {
        const blob = await store.putBlob(content)
        note(inside, { type: 'file', blob, sizeBytes: content.length, role: 'annotation' })
        return
      }
      let sizeBytes = 0
      const blob = await store.putBlobStream(
        (async function* counted() {
          for await (const piece of content) {
            sizeBytes += piece.length
            yield piece
          }
        })(),
      )
      note(inside, { type: 'file', blob, sizeBytes, role: 'annotation' })
    },
    placeMedia: async (inside, media: Media) => {
      if (media.blob === undefined) return
      if (isFramePicture(media)) {
        const picture = await frames.read(media)
        const blob = await store.putBlob(picture)
        note(inside, { type: 'file', blob, sizeBytes: picture.length, role: 'media' })
        return
      }
      const sizeBytes = media.sizeBytes ?? 0
      note(inside, { type: 'file', blob: media.blob, sizeBytes, role: 'media' })
    },
  }
}

/** The edits that put `written` in the place of all files of the dataset that an adapter claims. */
async function replacedFiles(
  store: ObjectStore,
  files: TreeRef,
  root: string,
  written: ReadonlyMap<string, FileRecord | undefined>,
): Promise<TreeEdit[]> {
  const edits = new Map<string, TreeEdit>()
  for await (const entries of scanBatches(store, files, pathRange(root)))
    for (const entry of entries) {
      const file = decodeFile(entry)
      if ('role' in file && file.role !== 'none')
        edits.set(decodePath(entry.key), { key: entry.key, entry: undefined })
    }
  for (const [path, record] of written)
    edits.set(path, { key: encodePath(path), entry: record && encodeFile(path, record) })
  return sortedEdits(edits)
}

function sortedEdits(edits: ReadonlyMap<string, TreeEdit>): TreeEdit[] {
  return [...edits].toSorted(([a], [b]) => comparePaths(a, b)).map(([, edit]) => edit)
}

/** What brings the files of a dataset in line with its items. */
export interface FileUpdate {
  /** New records of files, by path in the snapshot; undefined for one that goes. */
  readonly files: ReadonlyMap<string, FileRecord | undefined>
  /** Whether `files` are all files of the dataset that an adapter claims. */
  readonly isComplete: boolean
  readonly layout: DatasetRecord['layout']
  readonly losses: readonly Loss[]
}

/**
 * Writes the files that `edits` touch, in the format and layout of the dataset. A format that keeps
 * one file for all items is written as a whole.
 */
export async function renderEdits(
  repository: Repository,
  session: WriteSession,
  path: string,
  dataset: DatasetRecord,
  {
    edits,
    since,
  }: { readonly edits: readonly ItemEdit[] | 'all'; readonly since: FilesSince | undefined },
): Promise<FileUpdate> {
  const adapter = await repository.environment.formats.load(dataset.format)
  const losses: Loss[] = []
  const context = writeContext(repository, session, (loss) => losses.push(loss))
  const view = await datasetView(session, dataset)
  if (edits !== 'all') {
    const written = new Map<string, FileRecord | undefined>()
    const writing = { ...context, ...(since !== undefined && { folderBefore: since.folder }) }
    const gone = await writeChanged(
      repository,
      adapter,
      { view, edits, context: writing },
      session,
      path,
      written,
    )
    if (gone !== undefined) {
      for (const file of gone) written.set(joinPath(path, file), undefined)
      return { files: written, isComplete: false, layout: dataset.layout, losses }
    }
  }
  const written = new Map<string, FileRecord>()
  const layout = await adapter.write(view, storeFolder(repository, session, path, written), context)
  return { files: written, isComplete: true, layout, losses }
}

async function writeChanged(
  repository: Repository,
  adapter: FormatAdapter,
  {
    view,
    edits,
    context,
  }: {
    readonly view: Awaited<ReturnType<typeof datasetView>>
    readonly edits: readonly ItemEdit[]
    readonly context: WriteContext
  },
  session: WriteSession,
  path: string,
  written: Map<string, FileRecord | undefined>,
): Promise<readonly string[] | undefined> {
  const into = new Map<string, FileRecord>()
  const folder = storeFolder(repository, session, path, into)
  const gone = await adapter.writeChanged?.(view, edits, folder, context)
  for (const [file, record] of into) written.set(file, record)
  return gone
}

/**
 * Brings the files of a dataset in line with a new version of it, which has the format and layout of
 * the one before.
 */
export async function rewriteDataset(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  { path, before, after }: { path: string; before: DatasetRecord; after: DatasetRecord },
): Promise<Rendering> {
  // Of files that say less than the dataset nobody knows which lie where: all are written anew.
  const isKnown = before.origin === 'read' && speaksAlike(before.schema, after.schema)
  const edits = isKnown
    ? await itemEdits(session, diffDatasets(session, path, before, after), before, after)
    : 'all'
  const since = filesSince(session, { path, before, files }, edits)
  const update = await renderEdits(repository, session, path, after, { edits, since })
  const fileEdits = update.isComplete
    ? await replacedFiles(session, files, path, update.files)
    : sortedEdits(
        new Map(
          [...update.files].map(([file, record]) => [
            file,
            { key: encodePath(file), entry: record && encodeFile(file, record) },
          ]),
        ),
      )
  const written = await editTree(session, files, fileEdits)
  const made = { ...after, layout: update.layout }
  const changed = update.isComplete
    ? undefined
    : [...update.files.keys()].map((file) => relativeTo(path, file))
  return {
    files: written,
    dataset: await readBack(repository, session, written, { path, before: made, changed, since }),
    losses: update.losses,
  }
}

/** Files that say what a dataset says before some edits; undefined when they may say less. */
export function filesSince(
  reader: ObjectReader,
  { path, before, files }: { path: string; before: DatasetRecord; files: TreeRef },
  edits: readonly ItemEdit[] | 'all',
): FilesSince | undefined {
  if (before.origin !== 'read' || edits === 'all') return undefined
  const edited = edits
    .flatMap((edit) => [edit.before, edit.after])
    .flatMap((item) => (item === undefined ? [] : { subset: item.subset, id: item.id }))
  return { files, folder: storedFolder(reader, files, path), edited }
}

/**
 * Returns whether files written under one schema mean the same under the other: every category has
 * the same place, name and source ids.
 */
export function speaksAlike(side: Schema, merged: Schema): boolean {
  return side.categories.every((category, at) => {
    const other = merged.categories[at]
    return (
      other !== undefined &&
      other.key === category.key &&
      other.name === category.name &&
      isEqual(other.sourceIds, category.sourceIds)
    )
  })
}

/**
 * Returns the snapshot as the working tree holds it: datasets that are looked at in another format are
 * rendered in it.
 */
export async function workingSnapshot(
  repository: Repository,
  session: WriteSession,
  snapshot: Snapshot,
  formats: ReadonlyMap<string, WorkingFormat>,
): Promise<Snapshot> {
  const datasets = new Map(snapshot.datasets)
  let { files } = snapshot
  for (const [path, as] of formats) {
    const datasetId = snapshot.datasets.get(path)
    if (datasetId === undefined) continue
    const dataset = decodeDataset(await session.getObject('dataset', datasetId))
    if (dataset.format === as.format && as.variant === undefined) continue
    const rendering = await renderDataset(repository, session, files, { path, dataset, as })
    files = rendering.files
    datasets.set(path, await session.putObject('dataset', encodeDataset(rendering.dataset)))
  }
  return { files: await withoutFilledFolders(session, snapshot.files, files), datasets }
}
