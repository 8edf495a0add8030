import type {
  AnnotatedItem,
  DatasetView,
  ItemEdit,
  ItemKey,
  Loss,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { compareText } from '../shared/compare-text.ts'
import type { FileSink } from './file-sink.ts'
import type { IdColumn } from './id-column.ts'
import { idSet } from './id-set.ts'
import { safeName } from './image-places.ts'
import { keysBefore } from './keys-before.ts'
import { type CocoId, type CocoLayout, layoutFromJson } from './layout.ts'
import { idSource } from './new-ids.ts'
import { compareItemIds, type ListEdit, mergeRows } from './merge-rows.ts'
import { openBefore } from './open-before.ts'
import { resultsLayer, type SubsetPart, type SubsetPlan } from './plan-subsets.ts'
import type { OpenCoco } from './read.ts'
import { type ListSplice, spliceFile } from './splice-file.ts'
import {
  addItems,
  closeSubset,
  areWithoutIds,
  listImages,
  mainSink,
  startSubset,
  startWriter,
  type SubsetWriter,
} from './write.ts'

/**
 * Writes the files with the records of edited items replaced; all other bytes stay as they are.
 * Undefined when files, categories or members would change, when edits speak of results or of panoptic
 * segments, when an id is used twice, and when records are in another order than writing all gives.
 */
export async function writeChangedCoco(
  dataset: DatasetView,
  edits: readonly ItemEdit[],
  folder: WritableFolder,
  context: WriteContext,
): Promise<readonly string[] | undefined> {
  const { folderBefore, signal } = context
  const layout = layoutFromJson(dataset.layout)
  if (folderBefore === undefined || layout === undefined || context.variant !== undefined)
    return undefined
  const old = await openBefore(folderBefore, signal)
  if (old === undefined || !isInLine(old, dataset, layout) || !isPlain(old, edits)) return undefined
  const losses: Loss[] = []
  const media: (readonly [path: string, medium: Media])[] = []
  const collecting: WritableFolder = {
    write: async () => {
      throw new Error('segments are left to a full write')
    },
    placeMedia: async (path, medium) => void media.push([path, medium]),
  }
  const ids = idSource(dataset, signal)
  const splices: FileSplice[] = []
  for (const plan of old.plans) {
    const own = edits.filter(({ before, after }) =>
      [before, after].some((item) => item?.subset === plan.subset),
    )
    if (own.length === 0) continue
    const view = { ...dataset, items: () => itemsOf(own, plan.subset) }
    const writer = startWriter(view, collecting, {
      ...context,
      onLoss: (loss) => losses.push(loss),
    })
    const state = startSubset({ ...writer, ids }, plan.subset)
    try {
      const found = await spliceSubset(state, plan, own)
      if (found === undefined) return undefined
      for (const each of found) splices.push(each)
    } finally {
      await closeSubset(state)
    }
  }
  const gone = mediaGone(edits, media, old)
  if (gone === undefined) return undefined
  for (const { path, lists } of splices)
    await folder.write(path, spliceFile(folderBefore, path, lists, signal))
  for (const [path, medium] of media) await folder.placeMedia(path, medium)
  for (const loss of losses) context.onLoss(loss)
  return gone
}

/** A file and how its lists change. */
interface FileSplice {
  readonly path: string
  readonly lists: readonly ListSplice[]
}

/** Whether the files say what the schema and the layout say, and each record has one id. */
function isInLine(old: OpenCoco, { schema, subsets }: DatasetView, layout: CocoLayout): boolean {
  const names = (files: OpenCoco['files']): string =>
    files
      .map(({ path, task, subset }) => `${path}\0${task}\0${subset}`)
      .toSorted(compareText)
      .join('\0')
  const known = new Set(old.plans.map(({ subset }) => subset))
  const fields = new Map(layout.files.map((file) => [file.path, file.annotationFields]))
  return (
    names(old.files) === names(layout.files) &&
    subsets.every((subset) => known.has(subset)) &&
    keysBefore(old.schema, schema) !== undefined &&
    old.plans.every(hasOneIdForEach) &&
    old.indexes.every(({ file, annotations }) => {
      const hasIds = !areWithoutIds(fields.get(file.path) ?? [])
      return file.task === 'results' || hasOwnIds(annotations.ids, hasIds)
    })
  )
}

/** Whether no segments are concerned, and no results. */
function isPlain({ indexes, plans }: OpenCoco, edits: readonly ItemEdit[]): boolean {
  if (indexes.some(({ hasSegments, file }) => hasSegments || file.task === 'panoptic')) return false
  const layers = new Set(plans.flatMap(({ parts }) => parts.map(({ layer }) => layer)))
  for (const { file } of indexes) if (file.task === 'results') layers.add(resultsLayer(file.path))
  return edits.every(({ before, after }) =>
    [before, after].every((item) =>
      Object.entries(item?.layers ?? {}).every(
        ([layer, annotations]) =>
          annotations.length === 0 ||
          (!layers.has(layer) && annotations.every(({ type }) => type !== 'panoptic-segment')),
      ),
    ),
  )
}

/** The items of a subset as they are after the edits, in key order. */
async function* itemsOf(edits: readonly ItemEdit[], subset: string): AsyncGenerator<AnnotatedItem> {
  yield* sortedItems(edits, subset)
}

function sortedItems(edits: readonly ItemEdit[], subset: string): readonly AnnotatedItem[] {
  return edits
    .flatMap(({ after }) => (after?.subset === subset ? [after] : []))
    .toSorted((a, b) => compareItemIds(a.id, b.id))
}

/** How the files of a subset change; undefined when only a full write can tell. */
async function spliceSubset(
  state: SubsetWriter,
  plan: SubsetPlan,
  edits: readonly ItemEdit[],
): Promise<readonly FileSplice[] | undefined> {
  const edited = editedItems(plan, edits)
  if (edited === undefined) return undefined
  const kept = state.sinks.size
  await addItems(state)
  if (state.sinks.size !== kept || mainSink(state) === undefined) return undefined
  await listImages(state)
  const ids = sortedItems(edits, plan.subset).map(({ id }) => id)
  const splices: FileSplice[] = []
  for (const sink of state.sinks.values()) {
    const part = plan.parts.find(({ index }) => index.file.path === sink.layout.path)
    if (part === undefined || !fits(state, sink, part, edited)) return undefined
    const { index, imageRow, annotations } = part
    const images: ListEdit = {
      list: index.images,
      itemOfRow: itemsOfRows(index.images.ids.length, imageRow),
      order: sink.layout.imageOrder,
      added: await sink.images.all(),
    }
    const records: ListEdit = {
      list: index.annotations,
      itemOfRow: itemsOfGroups(index.annotations.ids.length, annotations),
      order: sink.layout.annotationOrder,
      added: await sink.annotations.all(),
    }
    const lists: ListSplice[] = []
    for (const each of [images, records]) {
      const entries = mergeRows(each, { itemIds: plan.itemIds, edited, addedIds: ids })
      if (entries === undefined) return undefined
      if (entries.length > 0) lists.push({ list: each.list, entries, style: sink.layout.style })
    }
    if (lists.length > 0) splices.push({ path: sink.layout.path, lists })
  }
  return splices
}

/** Marks the items whose records go; undefined when the files do not have the items before. */
function editedItems(plan: SubsetPlan, edits: readonly ItemEdit[]): Uint8Array | undefined {
  const ids = edits.flatMap(({ before, after }) => [before?.id, after?.id])
  const wanted = new Set(ids.map((id) => id?.normalize('NFC')))
  const numbers = new Map<string, number>()
  for (const [item, id] of plan.itemIds.entries()) {
    const name = id.normalize('NFC')
    if (wanted.has(name)) numbers.set(name, item)
  }
  const edited = new Uint8Array(plan.itemIds.length)
  const itemOf = (key: ItemKey | undefined): number | undefined =>
    key?.subset === plan.subset ? numbers.get(key.id.normalize('NFC')) : undefined
  for (const { before } of edits) {
    if (before?.subset !== plan.subset) continue
    const item = itemOf(before)
    if (item === undefined) return undefined
    edited[item] = 1
  }
  const isNew = ({ after }: ItemEdit): boolean => {
    const item = itemOf(after)
    return item === undefined || edited[item] === 1
  }
  return edits.every(isNew) ? edited : undefined
}

/** Whether each image has one id, in all files, and no other image of the subset has it. */
function hasOneIdForEach({ itemIds, parts }: SubsetPlan): boolean {
  const used = idSet()
  for (const item of itemIds.keys()) {
    let first: CocoId | undefined
    for (const { index, imageRow } of parts) {
      const id = index.images.ids.at(imageRow[item] ?? -1)
      if (first !== undefined && id !== undefined && id !== first) return false
      first ??= id
    }
    if (first === undefined || used.has(first)) return false
    used.add(first)
  }
  return true
}

/** Whether each record has an id of its own; unless they have none. */
function hasOwnIds(ids: IdColumn, hasIds: boolean): boolean {
  const used = idSet()
  for (let row = 0; row < ids.length; row += 1) {
    const id = ids.at(row)
    if (id === undefined ? hasIds : used.has(id)) return false
    if (id !== undefined) used.add(id)
  }
  return true
}

/** Whether the file still lists its categories, and no id of a record that stays is given again. */
function fits(
  { usedImageIds }: SubsetWriter,
  sink: FileSink,
  { index, imageRow, annotations }: SubsetPart,
  edited: Uint8Array,
): boolean {
  const listed = new Set<unknown>(index.categories.map(({ id }) => id))
  for (const key of sink.usedCategories) if (!listed.has(sink.categories.ids.get(key))) return false
  for (const [item, row] of imageRow.entries())
    if (edited[item] === 0 && usedImageIds.has(index.images.ids.at(row) ?? '')) return false
  const { starts, rows } = annotations
  for (const item of edited.keys()) {
    if (edited[item] === 1) continue
    for (let at = starts[item] ?? 0; at < (starts[item + 1] ?? 0); at += 1) {
      const id = index.annotations.ids.at(rows[at] ?? -1)
      if (id !== undefined && sink.usedIds.has(id)) return false
    }
  }
  return true
}

function itemsOfRows(count: number, imageRow: Int32Array): Int32Array {
  const items = new Int32Array(count).fill(-1)
  for (const [item, row] of imageRow.entries()) if (row >= 0) items[row] = item
  return items
}

function itemsOfGroups(count: number, { starts, rows }: SubsetPart['annotations']): Int32Array {
  const items = new Int32Array(count).fill(-1)
  for (let item = 0; item + 1 < starts.length; item += 1) {
    for (let at = starts[item] ?? 0; at < (starts[item + 1] ?? 0); at += 1)
      items[rows[at] ?? 0] = item
  }
  return items
}

/** Media that no item has any more; undefined when an item that stays may have one of them. */
function mediaGone(
  edits: readonly ItemEdit[],
  placed: readonly (readonly [path: string, medium: Media])[],
  { plans }: OpenCoco,
): readonly string[] | undefined {
  const gone = new Set<string>()
  for (const { before } of edits)
    for (const { path, blob } of before?.media ?? []) if (blob !== undefined) gone.add(path)
  for (const [path] of placed) gone.delete(path)
  if (gone.size === 0) return []
  const uses = usesOfNames(plans)
  const isShared = [...gone].some((path) => {
    const names = path.split('/').map((_, at, segments) => segments.slice(at).join('/'))
    return names.reduce((sum, name) => sum + (uses.get(name) ?? 0), 0) > 1
  })
  return isShared ? undefined : [...gone].toSorted()
}

/** How many items have an image of a name. */
function usesOfNames(plans: readonly SubsetPlan[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>()
  for (const { itemIds, parts } of plans)
    for (const item of itemIds.keys()) {
      const names = parts.flatMap(({ index, imageRow }) => {
        return index.fileNames[imageRow[item] ?? -1] ?? []
      })
      for (const name of new Set(names.map(safeName))) uses.set(name, (uses.get(name) ?? 0) + 1)
    }
  return uses
}
