import { diffTrees, type ObjectReader } from '@dsv/store'
import type { ItemEdit } from '../format/format-adapter.ts'
import type { AnnotatedItem } from '../model/item.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { annotatedItemAt } from './dataset-view.ts'
import type { DatasetDiff } from './diff-snapshots.ts'

/** A larger part of the items than this is not looked up one by one. */
const MOST_ITEMS = 0.25
/** However many there are in all, so few items always are. */
const FEW_ITEMS = 1000
/** About 200 MB of outlines. */
const MOST_ANNOTATIONS = 200_000

/**
 * Returns the items that differ, as an adapter needs them to write the files they touch; `all` where these are so many
 * that to write everything takes less time and memory.
 */
export async function itemEdits(
  reader: ObjectReader,
  difference: DatasetDiff,
  before: DatasetRecord,
  after: DatasetRecord,
): Promise<readonly ItemEdit[] | 'all'> {
  const mostItems = Math.max(FEW_ITEMS, MOST_ITEMS * after.items.count)
  if (await differInMore(reader, before, after, mostItems)) return 'all'
  let annotations = 0
  const edits: ItemEdit[] = []
  for await (const { from, to } of difference.items()) {
    const edit: ItemEdit = {
      before: from && (await annotatedItemAt(reader, before, from)),
      after: to && (await annotatedItemAt(reader, after, to)),
    }
    annotations += annotationsOf(edit.before) + annotationsOf(edit.after)
    if (edits.length >= mostItems || annotations > MOST_ANNOTATIONS) return 'all'
    edits.push(edit)
  }
  return edits
}

/** Nothing of the items is kept for that, unlike for the edits. */
async function differInMore(
  reader: ObjectReader,
  before: DatasetRecord,
  after: DatasetRecord,
  most: number,
): Promise<boolean> {
  let count = 0
  const differences = diffTrees(reader, before.items, after.items)
  while ((await differences.next()).done !== true) if (++count > most) return true
  return false
}

function annotationsOf(item: AnnotatedItem | undefined): number {
  return Object.values(item?.layers ?? {}).reduce((sum, { length }) => sum + length, 0)
}
