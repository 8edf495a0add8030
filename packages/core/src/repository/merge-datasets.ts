import {
  diffTrees,
  EMPTY_TREE,
  getEntry,
  mergeTrees,
  type ObjectStore,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import { continueUids } from '../diff/continue-uids.ts'
import { pairMoves } from '../diff/diff-item.ts'
import { isEqual } from '../diff/is-equal.ts'
import type { Conflict, MergeOptions, MergeOutcome } from '../merge/conflict.ts'
import { withPathsOf } from '../merge/media-paths.ts'
import { mergeAnnotations } from '../merge/merge-annotations.ts'
import { mergeAnnotatedItem, mergeItem } from '../merge/merge-item.ts'
import { restoreUsedCategories } from '../merge/restore-used-categories.ts'
import { mergeSchema, type SourceIdChange } from '../merge/merge-schema.ts'
import type { Annotation, CategoryKey } from '../model/annotation.ts'
import type { AnnotatedItem, Item, ItemKey } from '../model/item.ts'
import type { Schema } from '../model/schema.ts'
import { decodeAnnotations, encodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { decodeItemKey, encodeItemKey } from '../record/item-key.ts'
import { decodeItem, encodeItem } from '../record/item-record.ts'
import { annotatedItemAt } from './dataset-view.ts'
import { type ItemVersion, withItems } from './with-items.ts'

/** Three versions of a dataset; `base` is what both sides began with. */
export interface DatasetSides {
  readonly base: DatasetRecord
  readonly ours: DatasetRecord
  readonly theirs: DatasetRecord
}

/** A merged dataset. Its format, layout and origin are ours; its files are not written yet. */
export interface DatasetMerge extends MergeOutcome<DatasetRecord> {
  readonly sourceIdChanges: readonly SourceIdChange[]
  /** Whether items went to places that the files of neither side show. */
  readonly hasMoves: boolean
}

/**
 * Merges the meaning of two versions: the schema first, then item by item, annotation by annotation,
 * field by field. An item that one side moved to another subset takes along what the other side
 * changed. Subtrees that one side alone changed are adopted unread.
 */
export async function mergeDatasets(
  store: ObjectStore,
  sides: DatasetSides,
  options: MergeOptions = {},
): Promise<DatasetMerge> {
  const schema = mergeSchema(sides.base.schema, sides.ours.schema, sides.theirs.schema, options)
  const conflicts: Conflict[] = [...schema.conflicts]
  const fates = await wholeItems(store, sides, options)
  for (const conflict of fates.conflicts) conflicts.push(conflict)
  const merge = { store, sides, options, conflicts, decided: fates.decided }
  const trees = { items: await mergeItems(merge), layers: await mergeLayers(merge) }
  return {
    merged: {
      ...sides.ours,
      schema: await withUsed(store, sides, schema.merged, fates.decided.values()),
      ...(await withItems(store, trees, fates.decided.values())),
    },
    conflicts,
    sourceIdChanges: schema.sourceIdChanges,
    hasMoves: fates.decided.size > 0,
  }
}

/** Result for items that are decided as a whole, by the text of their key. */
type Decided = Map<string, ItemVersion>

interface DatasetMergeWork {
  readonly store: ObjectStore
  readonly sides: DatasetSides
  readonly options: MergeOptions
  readonly conflicts: Conflict[]
  readonly decided: Decided
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1')
}

async function mergeItems(work: DatasetMergeWork): Promise<TreeRef> {
  const { sides, options, conflicts, decided } = work
  const trees = { base: sides.base.items, ours: sides.ours.items, theirs: sides.theirs.items }
  return mergeTrees(work.store, trees, ({ key, base, ours, theirs }) => {
    // Items that one side deleted were decided before.
    if (decided.has(textOf(key)) || ours === undefined || theirs === undefined) return ours
    const outcome = mergeItem(
      base && decodeItem(base),
      decodeItem(ours),
      decodeItem(theirs),
      options,
    )
    conflicts.push(...outcome.conflicts)
    return encodeItem(outcome.merged)
  })
}

async function mergeLayers(work: DatasetMergeWork): Promise<Map<string, TreeRef>> {
  const { sides, options, conflicts, decided } = work
  const layers = new Map<string, TreeRef>()
  const names = new Set([...sides.ours.layers.keys(), ...sides.theirs.layers.keys()])
  for (const layer of names) {
    const treeOf = (side: DatasetRecord): TreeRef => side.layers.get(layer) ?? EMPTY_TREE
    const trees = {
      base: treeOf(sides.base),
      ours: treeOf(sides.ours),
      theirs: treeOf(sides.theirs),
    }
    const tree = await mergeTrees(work.store, trees, ({ key, base, ours, theirs }) => {
      if (decided.has(textOf(key))) return ours
      const place = { key: decodeItemKey(key), layer }
      const [old, left, right] = [base, ours, theirs].map(annotationsIn)
      const outcome = mergeAnnotations(old ?? [], left ?? [], right ?? [], place, options)
      conflicts.push(...outcome.conflicts)
      return annotationEntry(place.key, outcome.merged)
    })
    layers.set(layer, tree)
  }
  return layers
}

function annotationsIn(entry: TreeEntry | undefined): readonly Annotation[] {
  return entry === undefined ? [] : decodeAnnotations(entry)
}

function annotationEntry(key: ItemKey, annotations: readonly Annotation[]): TreeEntry | undefined {
  return annotations.length === 0 ? undefined : encodeAnnotations(key, annotations)
}

/**
 * Decides the items that one side deleted or moved to another subset while the other side changed
 * them. Their records and annotations lie in several trees, so they are decided before those are merged.
 */
async function wholeItems(
  store: ObjectStore,
  sides: DatasetSides,
  options: MergeOptions,
): Promise<{ decided: Decided; conflicts: readonly Conflict[] }> {
  const decided: Decided = new Map()
  const conflicts: Conflict[] = []
  const [ourFates, theirFates] = [
    await fatesOf(store, sides.base, sides.ours),
    await fatesOf(store, sides.base, sides.theirs),
  ]
  const decide = (key: ItemKey, item: AnnotatedItem | undefined): void => {
    decided.set(textOf(encodeItemKey(key)), { key, item })
  }
  for (const text of new Set([...ourFates.keys(), ...theirFates.keys()])) {
    const [ourFate, theirFate] = [ourFates.get(text), theirFates.get(text)]
    const key = (ourFate ?? theirFate)?.key
    if (key === undefined) continue
    const base = await annotatedItemAt(store, sides.base, key)
    const places = {
      ours: (await freePlace(store, sides.theirs, ourFate, theirFate)) ?? key,
      theirs: (await freePlace(store, sides.ours, theirFate, ourFate)) ?? key,
    }
    const ours = await annotatedItemAt(store, sides.ours, places.ours)
    const theirs = await annotatedItemAt(store, sides.theirs, places.theirs)
    if (places.ours === key && places.theirs === key) {
      if (ours === undefined && theirs === undefined) continue
      if (isEqual(ours ?? theirs, base)) continue
      const outcome = mergeAnnotatedItem(base, ours, theirs, options)
      conflicts.push(...outcome.conflicts)
      decide(key, outcome.merged)
      continue
    }
    const goal = placeOf(key, places, options)
    const winner = goal.key === places.ours ? ours : theirs
    const at = (side: AnnotatedItem | undefined): AnnotatedItem | undefined =>
      side && { ...atPlaceOf(side, base, winner), ...goal.key }
    const outcome = mergeAnnotatedItem(at(base), at(ours), at(theirs), options)
    conflicts.push(...outcome.conflicts)
    if (goal.isConflict)
      conflicts.push({
        kind: 'item',
        where: '',
        key: goal.key,
        fields: (['id', 'subset'] as const).filter((name) => ours?.[name] !== theirs?.[name]),
        base: base ?? null,
        ours: ours ?? null,
        theirs: theirs ?? null,
      })
    for (const place of [key, places.ours, places.theirs]) decide(place, undefined)
    if (outcome.merged !== undefined) decide(goal.key, outcome.merged)
  }
  return { decided, conflicts }
}

/**
 * Where a side moved an item to; undefined when it did not, or when the other side has another item
 * there: then it is one item that went and one that both sides added.
 */
async function freePlace(
  store: ObjectStore,
  other: DatasetRecord,
  fate: Fate | undefined,
  otherFate: Fate | undefined,
): Promise<ItemKey | undefined> {
  const to = fate?.to
  if (to === undefined) return undefined
  if (otherFate?.to !== undefined && isSameKey(otherFate.to, to)) return to
  const isTaken = (await getEntry(store, other.items, encodeItemKey(to))) !== undefined
  return isTaken ? undefined : to
}

/** Where an item goes that at least one side moved. */
function placeOf(
  key: ItemKey,
  { ours, theirs }: { readonly ours: ItemKey; readonly theirs: ItemKey },
  { favour }: MergeOptions,
): { key: ItemKey; isConflict: boolean } {
  if (isSameKey(ours, key)) return { key: theirs, isConflict: false }
  if (isSameKey(theirs, key) || isSameKey(theirs, ours)) return { key: ours, isConflict: false }
  return { key: favour === 'theirs' ? theirs : ours, isConflict: favour === undefined }
}

function isSameKey(a: ItemKey, b: ItemKey): boolean {
  return a.subset === b.subset && a.id === b.id
}

/**
 * One side's version of an item as if it lay where `winner` has it, so that a move is no change of its
 * media, with the uids that its annotations had before.
 */
function atPlaceOf(
  side: AnnotatedItem,
  base: AnnotatedItem | undefined,
  winner: AnnotatedItem | undefined,
): AnnotatedItem {
  const layers = Object.entries(side.layers).map(([name, list]) => {
    const before = base?.layers[name] ?? []
    return [name, base?.id === side.id ? list : continueUids(before, list)] as const
  })
  return {
    ...side,
    media: withPathsOf(
      withPathsOf(side.media, side.media, base?.media),
      base?.media,
      winner?.media,
    ),
    layers: Object.fromEntries(layers),
  }
}

/** An item of the base that a side no longer has under its key. */
interface Fate {
  readonly key: ItemKey
  /** Where it went; undefined when it was deleted. */
  readonly to: ItemKey | undefined
}

async function fatesOf(
  store: ObjectStore,
  base: DatasetRecord,
  side: DatasetRecord,
): Promise<Map<string, Fate>> {
  const removed: Item[] = []
  const added: Item[] = []
  for await (const { from, to } of diffTrees(store, base.items, side.items)) {
    if (from !== undefined && to === undefined) removed.push(decodeItem(from))
    if (from === undefined && to !== undefined) added.push(decodeItem(to))
  }
  const fates = new Map<string, Fate>()
  const put = ({ subset, id }: ItemKey, to: ItemKey | undefined): void => {
    const key = { subset, id }
    fates.set(textOf(encodeItemKey(key)), { key, to: to && { subset: to.subset, id: to.id } })
  }
  const pairs = pairMoves(removed, added)
  for (const item of pairs.removed) put(item, undefined)
  for (const { from, to } of pairs.moved) put(from, to)
  return fates
}

/**
 * A category that one side deleted stays when the other side has put it to new use, or kept an item
 * that has it.
 */
async function withUsed(
  store: ObjectStore,
  { base, ours, theirs }: DatasetSides,
  merged: Schema,
  decided: Iterable<ItemVersion>,
): Promise<Schema> {
  const sources = [ours.schema, theirs.schema]
  const isComplete = sources.every((side) =>
    side.categories.every(({ key }) => merged.categories.some((kept) => kept.key === key)),
  )
  if (isComplete) return merged
  const used = new Set<CategoryKey>()
  const use = (annotations: readonly Annotation[]): void => {
    for (const { category } of annotations) if (category !== undefined) used.add(category)
  }
  for (const side of [ours, theirs])
    for (const [name, tree] of side.layers)
      for await (const { to } of diffTrees(store, base.layers.get(name) ?? EMPTY_TREE, tree))
        use(annotationsIn(to))
  for (const { item } of decided) for (const layer of Object.values(item?.layers ?? {})) use(layer)
  return restoreUsedCategories(merged, used, sources).schema
}
