import type { RecordList } from './record-list.ts'
import type { RecordOrder } from './layout.ts'
import { idRank, listRank, type SunkRecord } from './record-sink.ts'

/** A list of records some of which go, and those that come. */
export interface ListEdit {
  readonly list: RecordList
  /** The item of each record. */
  readonly itemOfRow: Int32Array
  readonly order: RecordOrder
  /** Records that come; `group` is the number of their item in `addedIds`. */
  readonly added: readonly SunkRecord[]
}

/** What is known of the items of a list. */
export interface ListItems {
  readonly itemIds: readonly string[]
  /** 1 for items whose records go. */
  readonly edited: Uint8Array
  readonly addedIds: readonly string[]
}

/** Records that stay, as rows of their list, or one that comes. */
export type ListEntry =
  | { readonly first: number; readonly after: number }
  | { readonly bytes: Uint8Array }

/**
 * Returns the records of a list in their order after an edit; nothing when it stays as it is. Undefined
 * when those that stay are not in that order, when two records have the same place in it, and when the
 * list was or would be empty.
 */
export function mergeRows(
  { list, itemOfRow, order, added }: ListEdit,
  { itemIds, edited, addedIds }: ListItems,
): readonly ListEntry[] | undefined {
  const rankOfId = typeof order === 'string' ? idRank : listRank(order)
  const key = lastKey()
  const rankOfRow = (row: number): Rank =>
    order === 'item' ? key(itemIds[itemOfRow[row] ?? -1] ?? '') : rankOfId(list.ids.at(row))
  const coming = added
    .map(({ bytes, id, group }) => ({
      bytes,
      rank: order === 'item' ? itemKey(addedIds[group] ?? '') : rankOfId(id),
    }))
    .toSorted((a, b) => compareRanks(a.rank, b.rank))
  const entries: ListEntry[] = []
  let run: { first: number; after: number } | undefined
  let previous: Rank | undefined
  let next = 0
  for (const [row, item] of itemOfRow.entries()) {
    if (item < 0) return undefined
    if (edited[item] === 1) continue
    const rank = rankOfRow(row)
    if (previous !== undefined && compareRanks(previous, rank) > 0) return undefined
    previous = rank
    for (; next < coming.length; next += 1) {
      const record = coming[next]
      if (record === undefined) break
      const difference = compareRanks(record.rank, rank)
      if (difference === 0) return undefined
      if (difference > 0) break
      entries.push({ bytes: record.bytes })
      run = undefined
    }
    if (run?.after === row) run.after = row + 1
    else entries.push((run = { first: row, after: row + 1 }))
  }
  if (run?.first === 0 && run.after === itemOfRow.length && coming.length === 0) return []
  for (const { bytes } of coming.slice(next)) entries.push({ bytes })
  if (itemOfRow.length === 0) return entries.length === 0 ? [] : undefined
  return previous === undefined ? undefined : entries
}

/** A number, or the bytes of an item key. */
type Rank = number | Buffer

function compareRanks(a: Rank, b: Rank): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  return Buffer.compare(a, b)
}

/** Orders the ids of items of one subset as the items of a dataset are. */
export function compareItemIds(a: string, b: string): number {
  return Buffer.compare(itemKey(a), itemKey(b))
}

function itemKey(id: string): Buffer {
  return Buffer.from(id.normalize('NFC'))
}

/** The key of an item; that of the same item again is remembered. */
function lastKey(): (id: string) => Buffer {
  let last: string | undefined
  let key: Buffer = Buffer.alloc(0)
  return (id) => {
    if (id !== last) {
      last = id
      key = itemKey(id)
    }
    return key
  }
}
