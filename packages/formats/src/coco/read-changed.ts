import {
  type DatasetView,
  type FilesBefore,
  type Folder,
  isEqual,
  type ItemKey,
  type ItemPatch,
  type Loss,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { compareText } from '../shared/compare-text.ts'
import { commonStretches } from './common-stretches.ts'
import { findChangedItems } from './find-changed-items.ts'
import { groupRows } from './group-rows.ts'
import type { CocoIndex } from './index-file.ts'
import { keysBefore } from './keys-before.ts'
import type { KnownVersion } from './known-records.ts'
import { layoutToJson } from './layout.ts'
import { alreadyOpen, openBefore } from './open-before.ts'
import { placesIn } from './places-in.ts'
import type { SubsetPart, SubsetPlan } from './plan-subsets.ts'
import { type OpenCoco, openCoco } from './read.ts'
import type { CocoCategories } from './read-categories.ts'
import { readItems } from './read-items.ts'

/**
 * Reads again the items whose records, or whose places of images, are not what they were: the records
 * of changed files are located in both versions and compared byte by byte. Undefined when there are
 * other files, categories or members, when results speak of other layers, when a file that is no JSON
 * may hold segments, and when bad records are skipped.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readChangedCoco(
  folder: Folder,
  _changed: readonly string[],
  before: DatasetView,
  context: ReadContext,
): Promise<ItemPatch | undefined> {
  const { filesBefore } = context
  if (filesBefore === undefined || context.onError === 'skip') return undefined
  const losses: Loss[] = []
  const early =
    folder.piecesOf === undefined
      ? alreadyOpen(filesBefore.folder)
      : await openBefore(filesBefore.folder, context.signal)
  const now = await openCoco(
    folder,
    { ...context, onLoss: (loss) => losses.push(loss) },
    early && unchangedIndexes(early, filesBefore),
    async (path) => versionBefore(path, folder, early, filesBefore),
  )
  const keyOf = keysBefore(now.schema, before.schema)
  if (keyOf === undefined) return undefined
  const known = unchangedIndexes(now, filesBefore)
  const old = await openBefore(filesBefore.folder, context.signal, known)
  if (old === undefined || !isComparable(old, now, filesBefore)) return undefined
  const versions = { old, oldFolder: filesBefore.folder, now, folder }
  const found = await findChangedItems(versions, filesBefore, context.signal)
  if (found === undefined) return undefined
  const removed = await removedItems(before, { old, now }, filesBefore)
  if (removed === undefined) return undefined
  if (!(await areNew(found.added, before, filesBefore))) return undefined
  for (const loss of losses) context.onLoss(loss)
  const plans = now.plans.map((plan) => restrictedPlan(plan, found.changed.get(plan.subset) ?? []))
  const { layout } = now
  const categories = withKeys(now.categories, keyOf)
  const items = readItems(folder, plans, categories, layout, context, found.placesOf)
  return {
    items: withAllLayers(items, layersOf(now)),
    removed,
    layout: layoutToJson(layout),
  }
}

/** What the files before tell of one of now. */
async function versionBefore(
  path: string,
  folder: Folder,
  before: OpenCoco | undefined,
  filesBefore: FilesBefore,
): Promise<KnownVersion | undefined> {
  const index = before?.indexes.find((each) => each.file.path === path)
  return index && { index, stretches: await commonStretches(folder, filesBefore.folder, path) }
}

/** Indexes of the files that are as they were. */
function unchangedIndexes(
  { indexes }: OpenCoco,
  { changed }: FilesBefore,
): ReadonlyMap<string, CocoIndex> {
  const isChanged = new Set(changed)
  const same = indexes.filter(({ file }) => !isChanged.has(file.path))
  return new Map(same.map((index) => [index.file.path, index]))
}

/** Whether records of both versions mean the same where they are the same. */
function isComparable(old: OpenCoco, now: OpenCoco, { changed }: FilesBefore): boolean {
  const hasSegments = [...old.indexes, ...now.indexes].some((index) => index.hasSegments)
  if (hasSegments && changed.some((path) => !path.endsWith('.json'))) return false
  if (!isEqual(describe(old), describe(now))) return false
  const layers = [...layersOf(now)]
  if (layers.length > 0 && hasSegments) return false
  return isEqual(layers, [...layersOf(old)])
}

function describe({ files, indexes, layout }: OpenCoco): readonly unknown[] {
  return [
    files.map(({ path, task, subset }) => ({ path, task, subset })),
    indexes.map(({ categories }) => categories),
    layout.files.map(({ path, imagePrefix }) => ({ path, imagePrefix })),
  ]
}

/** The layers that results speak of, sorted. */
function layersOf({ plans }: OpenCoco): ReadonlySet<string> {
  const layers = plans.flatMap(({ parts }) => parts.flatMap(({ layer }) => layer ?? []))
  return new Set(layers.toSorted(compareText))
}

/** Items that no file lists any more; undefined when one is in a layer that outlives it. */
async function removedItems(
  before: DatasetView,
  { old, now }: { readonly old: OpenCoco; readonly now: OpenCoco },
  { edited }: FilesBefore,
): Promise<readonly ItemKey[] | undefined> {
  const candidates = new Map<string, ItemKey>()
  for (const { subset, itemIds } of old.plans) {
    const still = now.plans.find((plan) => plan.subset === subset)?.itemIds ?? []
    for (const [item, place] of placesIn(still, itemIds).entries()) {
      if (place >= 0) continue
      const key = { subset, id: itemIds[item] ?? '' }
      candidates.set(keyText(key), key)
    }
  }
  for (const key of edited) candidates.set(keyText(key), key)
  if (candidates.size > 0) forgetListed(candidates, now)
  const spoken = new Set(['ground_truth', ...layersOf(now)])
  const removed: ItemKey[] = []
  for (const key of candidates.values()) {
    const item = await before.item(key)
    if (item === undefined) continue
    if (Object.keys(item.layers).some((layer) => !spoken.has(layer))) return undefined
    removed.push(key)
  }
  return removed
}

/** Whether no added item has the key of another one, which a full read would refuse. */
async function areNew(
  added: readonly ItemKey[],
  before: DatasetView,
  { edited }: FilesBefore,
): Promise<boolean> {
  const isEdited = new Set(edited.map(keyText))
  const seen = new Set<string>()
  for (const key of added) {
    const text = keyText(key)
    if (seen.has(text)) return false
    seen.add(text)
    if (!isEdited.has(text) && (await before.item(key)) !== undefined) return false
  }
  return true
}

/** Takes away those that are listed, however their names are composed. */
function forgetListed(candidates: Map<string, ItemKey>, { plans }: OpenCoco): void {
  for (const { subset, itemIds } of plans)
    for (const id of itemIds) candidates.delete(keyText({ subset, id }))
}

/** One text for keys that are stored as one. */
function keyText({ subset, id }: ItemKey): string {
  return `${subset}\0${id}`.normalize('NFC')
}

/** The plan of some items of a subset. */
function restrictedPlan(plan: SubsetPlan, items: readonly number[]): SubsetPlan {
  const itemIds = items.map((item) => plan.itemIds[item] ?? '')
  return { ...plan, itemIds, parts: plan.parts.map((part) => restrictedPart(part, items)) }
}

function restrictedPart(part: SubsetPart, items: readonly number[]): SubsetPart {
  const { starts, rows } = part.annotations
  const chosen: number[] = []
  const groups: number[] = []
  for (const [group, item] of items.entries()) {
    for (let at = starts[item] ?? 0; at < (starts[item + 1] ?? 0); at += 1) {
      chosen.push(rows[at] ?? 0)
      groups.push(group)
    }
  }
  const grouped = groupRows(Int32Array.from(groups), items.length)
  return {
    ...part,
    imageRow: Int32Array.from(items, (item) => part.imageRow[item] ?? -1),
    annotations: { starts: grouped.starts, rows: grouped.rows.map((at) => chosen[at] ?? 0) },
  }
}

function withKeys(
  { categories, byFile }: CocoCategories,
  keyOf: ReadonlyMap<string, string>,
): CocoCategories {
  const lasting = [...byFile].map(
    ([index, keys]): [CocoIndex, ReadonlyMap<string | number, string>] => [
      index,
      new Map([...keys].map(([id, key]) => [id, keyOf.get(key) ?? key])),
    ],
  )
  return { categories, byFile: new Map(lasting) }
}

/** What results no longer say of an item is no longer there. */
async function* withAllLayers(
  items: AsyncIterable<SourceItem>,
  layers: ReadonlySet<string>,
): AsyncGenerator<SourceItem> {
  const none = Object.fromEntries([...layers].map((layer) => [layer, []]))
  for await (const item of items) yield { ...item, layers: { ...none, ...item.layers } }
}
