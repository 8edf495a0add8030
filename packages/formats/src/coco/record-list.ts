import { type IdColumn, idColumn, type IdColumnDraft } from './id-column.ts'
import type { CocoId } from './layout.ts'
import { numberColumn, type NumberColumn } from './number-column.ts'

/** Where the records of a list are in their file, and what they are called: 20 bytes for each. */
export interface RecordList {
  readonly offsets: Float64Array
  readonly lengths: Uint32Array
  readonly ids: IdColumn
  /** Keys of the first records, in order of first use. */
  readonly fields: readonly string[]
}

/** A list while its records are located. */
export interface RecordListDraft {
  readonly offsets: NumberColumn
  readonly lengths: NumberColumn
  readonly ids: IdColumnDraft
  readonly fields: string[]
}

/** Makes an empty list. */
export function recordListDraft(): RecordListDraft {
  return { offsets: numberColumn(), lengths: numberColumn(), ids: idColumn(), fields: [] }
}

/** Adds a record, of less than 4 GiB. */
export function addRecord(
  { offsets, lengths, ids }: RecordListDraft,
  offset: number,
  length: number,
  id: CocoId | undefined,
): void {
  offsets.push(offset)
  lengths.push(length)
  ids.push(id)
}

/** Returns the list; nothing is added to it any more. */
export function finishedList({ offsets, lengths, ids, fields }: RecordListDraft): RecordList {
  return {
    offsets: offsets.joined(),
    lengths: Uint32Array.from(lengths.joined()),
    ids: ids.finished(),
    fields,
  }
}
