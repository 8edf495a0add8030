import { EMPTY_TREE, editTree, type TreeEdit, type TreeEntry } from '@dsv/store'
import { identifyAnnotations } from '../diff/identify-annotations.ts'
import type { ItemPatch } from '../format/format-adapter.ts'
import type { ItemKey, SourceItem } from '../model/item.ts'
import { encodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { encodeItemKey, isItemKey } from '../record/item-key.ts'
import { encodeItem } from '../record/item-record.ts'
import { subsetsOf } from '../repository/dataset-view.ts'
import { annotationsBefore, type ImportContext, storedItem } from './import-dataset.ts'
import { storableItem } from './storable-item.ts'

/**
 * Applies what re-reading some files yielded; the outcome is that of a full import. Only the nodes on the way to the items of the patch are
 * read and written.
 */
export async function patchDataset(
  before: DatasetRecord,
  patch: ItemPatch,
  context: ImportContext,
): Promise<DatasetRecord> {
  const subsets = await subsetsOf(context.store, before.items)
  const items = editList()
  const layers = new Map([...before.layers.keys()].map((name) => [name, editList()]))
  const remove = (key: ItemKey): void => {
    const keyBytes = encodeItemKey(key)
    items.set({ key: keyBytes, entry: undefined })
    for (const edits of layers.values()) edits.set({ key: keyBytes, entry: undefined })
  }
  for (const key of patch.removed) remove(key)
  for await (const source of patch.items) {
    context.signal.throwIfAborted()
    const entries = await storableItem(source, context, async () => ({
      item: encodeItem(await storedItem(source, context)),
      layers: await layerEntries(source, before, subsets, context),
    }))
    // As in a full read, an item that cannot be stored is not there.
    if (entries === undefined) {
      if (isItemKey(source)) remove(source)
      continue
    }
    const { key } = entries.item
    items.set({ key, entry: entries.item })
    for (const [layer, entry] of entries.layers) {
      const edits = layers.get(layer) ?? editList()
      layers.set(layer, edits)
      edits.set({ key, entry })
    }
  }
  const edited = new Map(before.layers)
  for (const [name, edits] of layers)
    edited.set(
      name,
      await editTree(context.store, before.layers.get(name) ?? EMPTY_TREE, edits.sorted()),
    )
  return {
    ...before,
    layout: patch.layout ?? before.layout,
    items: await editTree(context.store, before.items, items.sorted()),
    layers: edited,
  }
}

async function layerEntries(
  source: SourceItem,
  before: DatasetRecord,
  subsets: readonly string[],
  { store }: ImportContext,
): Promise<readonly (readonly [layer: string, entry: TreeEntry | undefined])[]> {
  const entries: (readonly [string, TreeEntry | undefined])[] = []
  for (const [layer, drafts] of Object.entries(source.layers)) {
    const old = await annotationsBefore(source, layer, before, subsets, store)
    const annotations = identifyAnnotations(source, layer, old, drafts)
    const isEmpty = annotations.length === 0
    entries.push([layer, isEmpty ? undefined : encodeAnnotations(source, annotations)])
  }
  return entries
}

/** Collects the edits of one tree; the last one of a key counts. */
interface EditList {
  set(edit: TreeEdit): void
  sorted(): readonly TreeEdit[]
}

/** Returns an empty list of edits. */
export function editList(): EditList {
  const edits = new Map<string, TreeEdit>()
  return {
    set: (edit) => edits.set(Buffer.from(edit.key).toString('latin1'), edit),
    sorted: () => [...edits.values()].toSorted((a, b) => Buffer.compare(a.key, b.key)),
  }
}
