import { type SpoolFile, spoolFile } from '../folder/spool-file.ts'
import { gatherSpans, type Span } from './gather-spans.ts'
import type { CocoId, RecordOrder } from './layout.ts'

/** Records of one list of a file, put aside as text until all are known. */
export interface RecordSink {
  readonly count: number
  /** `group` orders records when the order is `item`. */
  add(text: string, id: CocoId | undefined, group: number): void
  settle(): Promise<void>
  /** The texts in order. */
  ordered(order: RecordOrder, signal: AbortSignal): AsyncIterable<string>
  close(): Promise<void>
}

const BLOCK_BYTES = 48 * 2 ** 20

/** Makes an empty sink. */
export function recordSink(): RecordSink {
  const spool = spoolFile()
  const offsets: number[] = []
  const lengths: number[] = []
  const ids: (CocoId | undefined)[] = []
  const groups: number[] = []
  return {
    get count() {
      return offsets.length
    },
    add: (text, id, group) => {
      const { offset, length } = spool.append(text)
      offsets.push(offset)
      lengths.push(length)
      ids.push(id)
      groups.push(group)
    },
    settle: async () => spool.settle(),
    ordered: (order, signal) => {
      const rows = orderRows(order, ids, groups)
      return readOrdered(spool, rows, offsets, lengths, signal)
    },
    close: async () => spool.close(),
  }
}

/** The rows in order; equal ones stay as they came. */
function orderRows(
  order: RecordOrder,
  ids: readonly (CocoId | undefined)[],
  groups: readonly number[],
): Int32Array {
  const ranks = order === 'item' ? groups : order === 'id' ? ids.map(idRank) : listRanks(order, ids)
  const rows = Int32Array.from(ranks.keys())
  const isSorted = ranks.every((rank, row) => row === 0 || (ranks[row - 1] ?? 0) <= rank)
  return isSorted ? rows : rows.toSorted((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b)
}

/** Ids that are no numbers come last. */
function idRank(id: CocoId | undefined): number {
  return typeof id === 'number' ? id : Number.MAX_VALUE
}

function listRanks(
  order: readonly CocoId[],
  ids: readonly (CocoId | undefined)[],
): readonly number[] {
  const places = new Map<CocoId | undefined, number>()
  for (const [place, id] of order.entries()) if (!places.has(id)) places.set(id, place)
  return ids.map((id) => places.get(id) ?? order.length)
}

async function* readOrdered(
  spool: SpoolFile,
  rows: Int32Array,
  offsets: readonly number[],
  lengths: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (let first = 0; first < rows.length;) {
    let bytes = 0
    let after = first
    const spans: Span[] = []
    while (after < rows.length && (bytes < BLOCK_BYTES || after === first)) {
      const row = rows[after] ?? 0
      const length = lengths[row] ?? 0
      spans.push({ offset: offsets[row] ?? 0, length, target: bytes })
      bytes += length
      after += 1
    }
    const arena = Buffer.allocUnsafeSlow(bytes)
    await gatherSpans(
      spool,
      spans.toSorted((a, b) => a.offset - b.offset),
      arena,
      signal,
    )
    for (const { target, length } of spans) yield arena.toString('utf8', target, target + length)
    first = after
  }
}
