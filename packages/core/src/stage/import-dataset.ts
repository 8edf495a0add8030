import {
  type BlobId,
  EMPTY_TREE,
  getEntry,
  giveWay,
  type ObjectStore,
  type TreeEntry,
} from '@dsv/store'
import { encodeNewAnnotations, identifyAnnotations } from '../diff/identify-annotations.ts'
import type { DatasetStream, ReadContext } from '../format/format-adapter.ts'
import type { Annotation, AnnotationDraft, CategoryKey } from '../model/annotation.ts'
import { type Item, type ItemKey, type Media, type SourceItem } from '../model/item.ts'
import { EMPTY_SCHEMA } from '../model/schema.ts'
import { decodeAnnotations, encodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { encodeItemKey } from '../record/item-key.ts'
import { encodeItem } from '../record/item-record.ts'
import type { Progress } from '../repository/environment.ts'
import { subsetsOf } from '../repository/dataset-view.ts'
import { entryCollector, type ItemEntries } from './entry-collector.ts'
import { identifyCategories } from './identify-categories.ts'
import { storableItem } from './storable-item.ts'

/** The stored bytes of a media file. */
export interface StoredMedia {
  readonly blob: BlobId
  readonly sizeBytes?: number
}

/** What importing needs; an item that cannot be stored is one that cannot be read. */
export interface ImportContext extends Pick<ReadContext, 'onError' | 'onProblem'> {
  readonly store: ObjectStore
  /** Folder for runs of entries that do not fit in memory. */
  readonly temporaryFolder: string | undefined
  /** The stored bytes of a file of the dataset, by path relative to its root. */
  readonly mediaAt: (path: string) => Promise<StoredMedia | undefined>
  readonly signal: AbortSignal
  /** Told now and then how many items were read. */
  readonly onProgress: (progress: Progress) => void
}

/** The trees of a dataset before. */
type Before = Pick<DatasetRecord, 'schema' | 'items' | 'layers'>

const NOTHING: Before = { schema: EMPTY_SCHEMA, items: EMPTY_TREE, layers: new Map() }

/**
 * Stores a dataset as it is read. Annotations that continue one of `before` keep its uid, categories
 * keep their keys, and trees share what did not change. Layers that the files do not speak of stay.
 *
 * @throws `DSV_ITEM_DUPLICATE`, and what the stream throws
 */
export async function importDataset(
  stream: DatasetStream,
  format: string,
  before: Before | undefined,
  context: ImportContext,
): Promise<DatasetRecord> {
  const known = before ?? NOTHING
  const { schema, keyOf } = identifyCategories(known.schema, stream.schema, format)
  const subsets = await subsetsOf(context.store, known.items)
  const collector = entryCollector(context)
  try {
    let done = 0
    for await (const source of stream.items) {
      await giveWay()
      context.signal.throwIfAborted()
      const entries = await storableItem(source, context, async () => ({
        item: encodeItem(await storedItem(source, context)),
        layers: await layerEntries(source, { keyOf, known, subsets }, context),
      }))
      if (entries !== undefined) collector.add(entries)
      if (++done % 1000 === 0)
        context.onProgress({ task: 'reading annotations', done, unit: 'items' })
    }
    const items = await collector.items(known.items)
    const layers = await collector.layers(known.layers)
    return { schema, format, layout: stream.layout, origin: 'read', items, layers }
  } finally {
    collector.close()
  }
}

async function layerEntries(
  source: SourceItem,
  before: {
    readonly keyOf: ReadonlyMap<CategoryKey, CategoryKey>
    readonly known: Before
    readonly subsets: readonly string[]
  },
  { store }: ImportContext,
): Promise<ItemEntries['layers']> {
  const entries: (readonly [string, TreeEntry | undefined])[] = []
  for (const [layer, drafts] of Object.entries(source.layers)) {
    const old = await annotationsBefore(source, layer, before.known, before.subsets, store)
    const named = drafts.map((draft) => withCategory(draft, before.keyOf))
    // An item about which a layer says nothing has no entry in it.
    const entry = named.length > 0 ? annotationEntry(source, layer, old, named) : undefined
    entries.push([layer, entry])
  }
  return entries
}

/** Returns the item with the blobs of its media; those inside other files are stored here. */
export async function storedItem(source: SourceItem, context: ImportContext): Promise<Item> {
  const media: Media[] = []
  for (const { content, ...each } of source.media) {
    const stored =
      content === undefined
        ? await context.mediaAt(each.path)
        : await storeContent(await content(), context)
    media.push({ ...each, ...stored })
  }
  const { layers: _layers, ...item } = source
  return { ...item, media }
}

async function storeContent(bytes: Uint8Array, { store }: ImportContext): Promise<StoredMedia> {
  return { blob: await store.putBlob(bytes), sizeBytes: bytes.length }
}

/** Returns the draft with the lasting key of its category. */
export function withCategory(
  draft: AnnotationDraft,
  keyOf: ReadonlyMap<CategoryKey, CategoryKey>,
): AnnotationDraft {
  const key = draft.category === undefined ? undefined : keyOf.get(draft.category)
  return key === undefined || key === draft.category ? draft : { ...draft, category: key }
}

function annotationEntry(
  key: ItemKey,
  layer: string,
  old: readonly Annotation[],
  drafts: readonly AnnotationDraft[],
): TreeEntry {
  return old.length === 0
    ? encodeNewAnnotations(key, layer, drafts)
    : encodeAnnotations(key, identifyAnnotations(key, layer, old, drafts))
}

/**
 * Returns what was stored of an item and layer. An item that moved to another subset continues the one
 * of the same id that was there.
 */
export async function annotationsBefore(
  key: ItemKey,
  layer: string,
  before: Before,
  subsets: readonly string[],
  store: ObjectStore,
): Promise<readonly Annotation[]> {
  const tree = before.layers.get(layer)
  if (tree === undefined || tree.root === undefined) return []
  for (const subset of [key.subset, ...subsets.filter((each) => each !== key.subset)]) {
    const entry = await getEntry(store, tree, encodeItemKey({ subset, id: key.id }))
    if (entry !== undefined) return decodeAnnotations(entry)
  }
  return []
}
