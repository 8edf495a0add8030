import {
  buildTree,
  EMPTY_TREE,
  type ObjectReader,
  type TreeEntry,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import type { DatasetView } from '../format/format-adapter.ts'
import { filteredView } from '../inspect/filtered-view.ts'
import type { AnnotatedItem } from '../model/item.ts'
import { compileQuery } from '../query/compile-query.ts'
import { encodeAnnotations } from '../record/annotation-record.ts'
import { type DatasetRecord, encodeDataset } from '../record/dataset-record.ts'
import { encodeItem } from '../record/item-record.ts'
import { datasetView } from './dataset-view.ts'
import { readBack } from './read-back.ts'
import { renderDataset } from './render-dataset.ts'
import type { Repository } from './repository.ts'
import type { SnapshotPart } from './snapshot-part.ts'

/** Which items of a dataset are taken. */
export interface SelectRequest {
  /** A query that items have to match. */
  readonly where: string
  /** Which of their annotations go along; see `ExportRequest`. */
  readonly annotations?: 'matching' | 'all'
}

/**
 * Stores the items of a dataset that match a query, without the blobs of their media.
 *
 * @param reader - Where the dataset is read
 * @throws `DSV_QUERY_SYNTAX`
 */
export async function selectItems(
  session: WriteSession,
  reader: ObjectReader,
  dataset: DatasetRecord,
  { where, annotations }: SelectRequest,
): Promise<DatasetRecord> {
  const query = compileQuery(where, dataset.schema)
  const view = await filteredView(await datasetView(reader, dataset), {
    query,
    subset: undefined,
    annotations: annotations ?? (query.needsAnnotations ? 'matching' : 'all'),
  })
  const items = await buildTree(session, entriesOf(view, itemEntry))
  const layers = new Map<string, TreeRef>()
  for (const name of dataset.layers.keys())
    layers.set(
      name,
      await buildTree(
        session,
        entriesOf(view, (item) => layerEntry(item, name)),
      ),
    )
  return { ...dataset, items, layers }
}

/** Writes the files of a dataset whose media are stored, in its own format, and stores it. */
export async function renderSelection(
  repository: Repository,
  session: WriteSession,
  dataset: DatasetRecord,
): Promise<SnapshotPart> {
  const as = { format: dataset.format, variant: undefined }
  const rendering = await renderDataset(repository, session, EMPTY_TREE, { path: '', dataset, as })
  const before: DatasetRecord = { ...rendering.dataset, origin: 'read' }
  const found = await readBack(repository, session, rendering.files, { path: '', before })
  const id = await session.putObject('dataset', encodeDataset(found))
  return { files: rendering.files, datasets: new Map([['', id]]) }
}

async function* entriesOf(
  view: DatasetView,
  entryOf: (item: AnnotatedItem) => TreeEntry | undefined,
): AsyncGenerator<TreeEntry, void, undefined> {
  for (const subset of view.subsets)
    for await (const item of view.items(subset)) {
      const entry = entryOf(item)
      if (entry !== undefined) yield entry
    }
}

function itemEntry({ layers: _layers, ...item }: AnnotatedItem): TreeEntry {
  return encodeItem(item)
}

function layerEntry(item: AnnotatedItem, layer: string): TreeEntry | undefined {
  const annotations = item.layers[layer] ?? []
  return annotations.length === 0 ? undefined : encodeAnnotations(item, annotations)
}
