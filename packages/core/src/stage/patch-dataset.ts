import {
  EMPTY_TREE,
  editTree,
  getEntry,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import { identifyAnnotations } from '../diff/identify-annotations.ts'
import type { ItemPatch } from '../format/format-adapter.ts'
import type { Annotation } from '../model/annotation.ts'
import type { ItemKey, SourceItem } from '../model/item.ts'
import { decodeAnnotations, encodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { encodeItemKey, isItemKey } from '../record/item-key.ts'
import { encodeItem } from '../record/item-record.ts'
import { type ImportContext, storedItem } from './import-dataset.ts'
import { storableItem } from './storable-item.ts'

/**
 * Applies what re-reading some files yielded. Only the nodes on the way to the items of the patch are
 * read and written.
 */
export async function patchDataset(
  before: DatasetRecord,
  patch: ItemPatch,
  context: ImportContext,
): Promise<DatasetRecord> {
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
      layers: await layerEntries(source, { before, removed: patch.removed }, context),
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
    items: await editTree(context.store, before.items, items.sorted()),
    layers: edited,
  }
}

async function layerEntries(
  source: SourceItem,
  { before, removed }: { readonly before: DatasetRecord; readonly removed: readonly ItemKey[] },
  context: ImportContext,
): Promise<readonly (readonly [layer: string, entry: TreeEntry | undefined])[]> {
  const entries: (readonly [string, TreeEntry | undefined])[] = []
  for (const [layer, drafts] of Object.entries(source.layers)) {
    const old = await annotationsBefore(context, before.layers.get(layer), source, removed)
    const annotations = identifyAnnotations(source, layer, old, drafts)
    const isEmpty = annotations.length === 0
    entries.push([layer, isEmpty ? undefined : encodeAnnotations(source, annotations)])
  }
  return entries
}

/** An item that moved to another subset continues the one of the same id that was there. */
async function annotationsBefore(
  { store }: ImportContext,
  tree: TreeRef | undefined,
  key: ItemKey,
  removed: readonly ItemKey[],
): Promise<readonly Annotation[]> {
  if (tree === undefined) return []
  for (const place of [key, ...removed.filter(({ id }) => id === key.id)]) {
    const entry = await getEntry(store, tree, encodeItemKey(place))
    if (entry !== undefined) return decodeAnnotations(entry)
  }
  return []
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
