import type { ObjectReader } from '@dsv/store'
import type { ItemEdit } from '../format/format-adapter.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { annotatedItemAt } from './dataset-view.ts'
import type { DatasetDiff } from './diff-snapshots.ts'

/** Returns the items that differ, as an adapter needs them to write the files they touch. */
export async function itemEdits(
  reader: ObjectReader,
  difference: DatasetDiff,
  before: DatasetRecord,
  after: DatasetRecord,
): Promise<readonly ItemEdit[]> {
  const edits: ItemEdit[] = []
  for await (const { from, to } of difference.items())
    edits.push({
      before: from && (await annotatedItemAt(reader, before, from)),
      after: to && (await annotatedItemAt(reader, after, to)),
    })
  return edits
}
