import type { FilesBefore, Folder, ItemKey } from '@dsv/core'
import { commonStretches, rowsToCompare } from './common-stretches.ts'
import { compareRecords } from './compare-records.ts'
import type { CocoFile } from './find-files.ts'
import { type ImagePlaces, imagePlaces, safeName } from './image-places.ts'
import { placesIn } from './places-in.ts'
import type { SubsetPart, SubsetPlan } from './plan-subsets.ts'
import type { OpenCoco } from './read.ts'

/** A dataset before and now. */
export interface TwoVersions {
  readonly old: OpenCoco
  readonly oldFolder: Folder
  readonly now: OpenCoco
  readonly folder: Folder
}

/** Items that have to be read again. */
export interface ChangedItems {
  /** Their numbers in the plans of now, ascending, by subset. */
  readonly changed: ReadonlyMap<string, readonly number[]>
  /** Those that were not there before. */
  readonly added: readonly ItemKey[]
  /** Where their images are. */
  readonly placesOf: (file: CocoFile) => Promise<ImagePlaces>
}

/**
 * Finds the items whose records differ in any byte, that have more or fewer of them or in another
 * order, whose images are elsewhere or other ones, and those in `edited`. Undefined when the records
 * are in so different an order that comparing them costs more than reading them, and when two images
 * of one name are in different places.
 */
export async function findChangedItems(
  versions: TwoVersions,
  { changed, edited }: FilesBefore,
  signal: AbortSignal,
): Promise<ChangedItems | undefined> {
  const { old, oldFolder, now, folder } = versions
  const lists = { now: await listed(folder), old: await listed(oldFolder) }
  const changedFiles = new Set(changed)
  const found = new Map<string, readonly number[]>()
  const added: ItemKey[] = []
  const places = new Map<string, Map<string, string>>()
  for (const plan of now.plans) {
    const { subset } = plan
    const before = old.plans.find((each) => each.subset === subset)
    if (before === undefined) return undefined
    const pair = pairOf(plan, before)
    markNamed(
      pair,
      plan,
      edited.filter((key) => key.subset === subset),
    )
    const located: LocatedPart[] = []
    for (const part of plan.parts) {
      const twin = before.parts.find(({ index }) => index.file.path === part.index.file.path)
      if (twin === undefined) {
        markSpoken(pair, part)
        continue
      }
      const prefixes = await imagePrefixes(lists.now, part)
      markMoved(pair, part, prefixes, await imagePrefixes(lists.old, twin), changedFiles)
      const files = { now: folder, old: oldFolder }
      if (!(await markEdited(pair, part, twin, files, signal))) return undefined
      located.push({ part, prefixes })
    }
    for (const twin of before.parts) {
      const isGone = plan.parts.every(({ index }) => index.file.path !== twin.index.file.path)
      if (isGone) markSpokenBefore(pair, twin)
    }
    // Only now is it known which items are read again.
    for (const each of located) if (!notePlaces(places, pair, each)) return undefined
    found.set(subset, pair.marked())
    for (const item of pair.added()) added.push({ subset, id: plan.itemIds[item] ?? '' })
  }
  return {
    changed: found,
    added,
    placesOf: async (file) => knownPlaces(await imagePlaces(folder, file), places.get(file.path)),
  }
}

/** Folders are asked for every image: from memory. */
async function listed(folder: Folder): Promise<Pick<Folder, 'list' | 'has'>> {
  const paths = await folder.list()
  const known = new Set(paths)
  return { list: async () => paths, has: async (path) => known.has(path) }
}

/** The items of a subset now, each with the one it was. */
interface PlanPair {
  /** The item before; -1 for a new one. */
  readonly oldItem: Int32Array
  readonly newItem: Int32Array
  readonly isMarked: Uint8Array
  readonly marked: () => readonly number[]
  readonly added: () => readonly number[]
}

function pairOf(now: SubsetPlan, before: SubsetPlan): PlanPair {
  const oldItem = placesIn(before.itemIds, now.itemIds)
  const newItem = new Int32Array(before.itemIds.length).fill(-1)
  for (const [item, old] of oldItem.entries()) if (old >= 0) newItem[old] = item
  const isMarked = Uint8Array.from(oldItem, (old) => (old < 0 ? 1 : 0))
  const numbers = (test: (item: number) => boolean): readonly number[] =>
    [...isMarked.keys()].filter(test)
  return {
    oldItem,
    newItem,
    isMarked,
    marked: () => numbers((item) => isMarked[item] === 1),
    added: () => numbers((item) => (oldItem[item] ?? -1) < 0),
  }
}

function markNamed(
  { isMarked }: PlanPair,
  { itemIds }: SubsetPlan,
  named: readonly ItemKey[],
): void {
  if (named.length === 0) return
  const names = new Set(named.map(({ id }) => id.normalize('NFC')))
  for (const [item, id] of itemIds.entries()) if (names.has(id.normalize('NFC'))) isMarked[item] = 1
}

/** A file that spoke of no item of the subset before. */
function markSpoken({ isMarked }: PlanPair, { annotations }: SubsetPart): void {
  for (const item of isMarked.keys()) if (countOf(annotations, item) > 0) isMarked[item] = 1
}

/** A file that speaks of no item of the subset any more. */
function markSpokenBefore({ isMarked, newItem }: PlanPair, { annotations }: SubsetPart): void {
  for (const [old, item] of newItem.entries())
    if (item >= 0 && countOf(annotations, old) > 0) isMarked[item] = 1
}

function countOf({ starts }: SubsetPart['annotations'], item: number): number {
  return (starts[item + 1] ?? 0) - (starts[item] ?? 0)
}

/** What stands before the name of each image; undefined for items that the file does not list. */
async function imagePrefixes(
  folder: Pick<Folder, 'list' | 'has'>,
  { index, imageRow, layer }: SubsetPart,
): Promise<readonly (string | undefined)[]> {
  if (layer !== undefined) return []
  const places = await imagePlaces(folder, index.file)
  const prefixes: (string | undefined)[] = []
  // In the order in which they are read: where an image is found depends on where the last one was.
  for (const row of imageRow) {
    const fileName = index.fileNames[row]
    prefixes.push(fileName === undefined ? undefined : (await places.find(fileName)).prefix)
  }
  return prefixes
}

function markMoved(
  { isMarked, oldItem }: PlanPair,
  { index, imageRow }: SubsetPart,
  prefixes: readonly (string | undefined)[],
  before: readonly (string | undefined)[],
  changedFiles: ReadonlySet<string>,
): void {
  for (const [item, prefix] of prefixes.entries()) {
    const isElsewhere = prefix !== before[oldItem[item] ?? -1]
    const fileName = index.fileNames[imageRow[item] ?? -1]
    const isOther = fileName !== undefined && changedFiles.has(`${prefix}${safeName(fileName)}`)
    if (isElsewhere || isOther) isMarked[item] = 1
  }
}

/** Marks items whose records differ; returns false when comparing them is not worth it. */
async function markEdited(
  pair: PlanPair,
  part: SubsetPart,
  twin: SubsetPart,
  files: { readonly now: Folder; readonly old: Folder },
  signal: AbortSignal,
): Promise<boolean> {
  const images = rowPairs(part.imageRow.length === 0 ? 0 : part.index.images.offsets.length)
  const annotations = rowPairs(part.index.annotations.offsets.length)
  for (const [item, old] of pair.oldItem.entries()) {
    if (pair.isMarked[item] === 1) continue
    const [row, oldRow] = [part.imageRow[item] ?? -1, twin.imageRow[old] ?? -1]
    const count = countOf(part.annotations, item)
    if (row < 0 !== oldRow < 0 || count !== countOf(twin.annotations, old)) {
      pair.isMarked[item] = 1
      continue
    }
    if (row >= 0) images.add(row, oldRow, item)
    const first = part.annotations.starts[item] ?? 0
    const oldFirst = twin.annotations.starts[old] ?? 0
    for (let at = 0; at < count; at += 1) {
      const here = part.annotations.rows[first + at] ?? 0
      annotations.add(here, twin.annotations.rows[oldFirst + at] ?? 0, item)
    }
  }
  const stretches = await commonStretches(files.now, files.old, part.index.file.path)
  for (const [rows, list, oldList] of [
    [images, part.index.images, twin.index.images],
    [annotations, part.index.annotations, twin.index.annotations],
  ] as const) {
    const { path } = part.index.file
    const now = { folder: files.now, path, list }
    const before = { folder: files.old, path, list: oldList }
    const isSame = part.index === twin.index
    const differ = (row: number): void => {
      pair.isMarked[rows.items[row] ?? -1] = 1
    }
    if (isSame) rows.oldRows.forEach((old, row) => old >= 0 && old !== row && differ(row))
    else {
      const oldRows = rowsToCompare(list, oldList, rows.oldRows, stretches)
      if (!(await compareRecords(now, before, oldRows, differ, signal))) return false
    }
  }
  return true
}

/** For each row of a list the row it may be equal to, -1 for none, and the item it is of. */
interface RowPairs {
  readonly oldRows: Int32Array
  readonly items: Int32Array
  readonly add: (row: number, oldRow: number, item: number) => void
}

function rowPairs(count: number): RowPairs {
  const oldRows = new Int32Array(count).fill(-1)
  const items = new Int32Array(count)
  return {
    oldRows,
    items,
    add: (row, oldRow, item) => {
      oldRows[row] = oldRow
      items[row] = item
    },
  }
}

/** A file and what stands before the names of its images. */
interface LocatedPart {
  readonly part: SubsetPart
  readonly prefixes: readonly (string | undefined)[]
}

/** Notes where the images of marked items are; returns false when one name is in two places. */
function notePlaces(
  places: Map<string, Map<string, string>>,
  { isMarked }: PlanPair,
  { part: { index, imageRow }, prefixes }: LocatedPart,
): boolean {
  const known = places.get(index.file.path) ?? new Map<string, string>()
  places.set(index.file.path, known)
  for (const [item, prefix] of prefixes.entries()) {
    const fileName = index.fileNames[imageRow[item] ?? -1]
    if (prefix === undefined || fileName === undefined || isMarked[item] !== 1) continue
    if ((known.get(fileName) ?? prefix) !== prefix) return false
    known.set(fileName, prefix)
  }
  return true
}

function knownPlaces(
  places: ImagePlaces,
  known: ReadonlyMap<string, string> = new Map(),
): ImagePlaces {
  return {
    find: async (fileName) => {
      const prefix = known.get(fileName)
      if (prefix === undefined) return places.find(fileName)
      return { path: prefix + safeName(fileName), prefix, exists: true }
    },
  }
}
