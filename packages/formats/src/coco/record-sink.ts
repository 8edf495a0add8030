import { type SpoolFile, spoolFile } from '../folder/spool-file.ts'
import { gatherSpans, type Span } from './gather-spans.ts'
import type { ListMarks } from './json-style.ts'
import type { CocoId, RecordOrder } from './layout.ts'

/** A record that was put aside. */
export interface SunkRecord {
  readonly bytes: Uint8Array
  readonly id: CocoId | undefined
  readonly group: number
}

/** Records of one list of a file, put aside until all are known. */
export interface RecordSink {
  readonly count: number
  /** `group` orders records when the order is `item`. The bytes are copied. */
  add(record: Uint8Array, id: CocoId | undefined, group: number): void
  settle(): Promise<void>
  /** All records as they came, in memory. */
  all(): Promise<readonly SunkRecord[]>
  /** The inside of the list: the records in order, with their marks. */
  ordered(order: RecordOrder, marks: ListMarks, signal: AbortSignal): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

const BLOCK_BYTES = 24 * 2 ** 20

/** Makes an empty sink. */
export function recordSink(): RecordSink {
  const spool = spoolFile()
  const records: Records = { offsets: [], lengths: [], ids: [], groups: [] }
  return {
    get count() {
      return records.offsets.length
    },
    add: (record, id, group) => {
      records.offsets.push(spool.append(record))
      records.lengths.push(record.length)
      records.ids.push(id)
      records.groups.push(group)
    },
    settle: async () => spool.settle(),
    all: async () => {
      const { offsets, lengths, ids, groups } = records
      const bytes = await spool.read(0, spool.sizeBytes)
      return offsets.map((offset, row) => ({
        bytes: bytes.subarray(offset, offset + (lengths[row] ?? 0)),
        id: ids[row],
        group: groups[row] ?? 0,
      }))
    },
    ordered: (order, marks, signal) => readOrdered(spool, records, order, marks, signal),
    close: async () => spool.close(),
  }
}

interface Records {
  readonly offsets: number[]
  readonly lengths: number[]
  readonly ids: (CocoId | undefined)[]
  readonly groups: number[]
}

/** The rows in order; equal ones stay as they came. */
function orderRows(order: RecordOrder, { ids, groups }: Records): Int32Array {
  const ranks = order === 'item' ? groups : order === 'id' ? ids.map(idRank) : listRanks(order, ids)
  const rows = Int32Array.from(ranks.keys())
  const isSorted = ranks.every((rank, row) => row === 0 || (ranks[row - 1] ?? 0) <= rank)
  return isSorted ? rows : rows.toSorted((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b)
}

/** Returns the rank of an id in the order `id`; those that are no numbers come last. */
export function idRank(id: CocoId | undefined): number {
  return typeof id === 'number' ? id : Number.MAX_VALUE
}

function listRanks(
  order: readonly CocoId[],
  ids: readonly (CocoId | undefined)[],
): readonly number[] {
  return ids.map(listRank(order))
}

/** Returns what gives the rank of an id in an order; those that are not in it come last. */
export function listRank(order: readonly CocoId[]): (id: CocoId | undefined) => number {
  const places = new Map<CocoId | undefined, number>()
  for (const [place, id] of order.entries()) if (!places.has(id)) places.set(id, place)
  return (id) => places.get(id) ?? order.length
}

async function* readOrdered(
  spool: SpoolFile,
  records: Records,
  order: RecordOrder,
  marks: ListMarks,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const rows = orderRows(order, records)
  const between = Buffer.from(marks.between)
  if (rows.length > 0) yield Buffer.from(marks.first)
  for (let first = 0; first < rows.length;) {
    let bytes = 0
    let after = first
    const spans: Span[] = []
    while (after < rows.length && (bytes < BLOCK_BYTES || after === first)) {
      const row = rows[after] ?? 0
      const length = records.lengths[row] ?? 0
      if (after > 0) bytes += between.length
      spans.push({ offset: records.offsets[row] ?? 0, length, target: bytes })
      bytes += length
      after += 1
    }
    const arena = Buffer.allocUnsafeSlow(bytes)
    for (const [index, { target }] of spans.entries()) {
      if (first + index > 0) arena.set(between, target - between.length)
    }
    spans.sort((a, b) => a.offset - b.offset)
    await gatherSpans(spool, spans, arena, signal)
    yield arena
    first = after
  }
  if (rows.length > 0) yield Buffer.from(marks.last)
}
