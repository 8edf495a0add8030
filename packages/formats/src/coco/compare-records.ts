import type { Folder } from '@dsv/core'
import type { RecordList } from './record-list.ts'

/** The records of a list, in their file. */
export interface StoredRecords {
  readonly folder: Folder
  readonly path: string
  readonly list: RecordList
}

const READ_BYTES = 4 * 2 ** 20
const GAP_BYTES = 64 * 2 ** 10
/** How often reading goes back. */
const MAX_JUMPS = 500

/**
 * Compares records with those they are thought to be equal to, byte by byte; tells which ones differ.
 * Returns false, with nothing read, when the pairs lie in so different an order that it takes far more
 * than one pass over each file.
 *
 * @param oldRows - For each row of `now` the row of `before` to compare it to; -1 for none
 */
export async function compareRecords(
  now: StoredRecords,
  before: StoredRecords,
  oldRows: Int32Array,
  differ: (row: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const runs = runsOf(now.list, before.list, oldRows)
  if (runs.length === 0) return true
  if (jumpsOf(runs) > MAX_JUMPS) return false
  const file = await now.folder.open(now.path)
  try {
    const oldFile = await before.folder.open(before.path)
    try {
      for (const run of runs) {
        signal.throwIfAborted()
        const bytes = Buffer.from(await file.read(run.start, run.end - run.start))
        const oldBytes = await oldFile.read(run.oldStart, run.oldEnd - run.oldStart)
        for (let row = run.first; row < run.after; row += 1) {
          const oldRow = oldRows[row] ?? -1
          if (oldRow < 0) continue
          const length = now.list.lengths[row] ?? 0
          const at = (now.list.offsets[row] ?? 0) - run.start
          const oldAt = (before.list.offsets[oldRow] ?? 0) - run.oldStart
          const isSame =
            length === before.list.lengths[oldRow] &&
            bytes.compare(oldBytes, oldAt, oldAt + length, at, at + length) === 0
          if (!isSame) differ(row)
        }
      }
    } finally {
      await oldFile.close()
    }
  } finally {
    await file.close()
  }
  return true
}

/** Rows that one read of each file covers: bytes `start` to `end` now, `oldStart` to `oldEnd` before. */
interface Run {
  readonly first: number
  after: number
  readonly start: number
  end: number
  readonly oldStart: number
  oldEnd: number
}

function jumpsOf(runs: readonly Run[]): number {
  return runs.filter(({ start, oldStart }, at) => {
    const last = runs[at - 1]
    return last !== undefined && (start < last.end || oldStart < last.oldEnd)
  }).length
}

function runsOf(now: RecordList, before: RecordList, oldRows: Int32Array): readonly Run[] {
  const runs: Run[] = []
  let run: Run | undefined
  for (const [row, oldRow] of oldRows.entries()) {
    if (oldRow < 0) continue
    const [start, oldStart] = [now.offsets[row] ?? 0, before.offsets[oldRow] ?? 0]
    const [end, oldEnd] = [
      start + (now.lengths[row] ?? 0),
      oldStart + (before.lengths[oldRow] ?? 0),
    ]
    const isNext =
      run !== undefined &&
      oldStart >= run.oldEnd &&
      oldStart - run.oldEnd <= GAP_BYTES &&
      start - run.end <= GAP_BYTES &&
      end - run.start <= READ_BYTES &&
      oldEnd - run.oldStart <= READ_BYTES
    if (run !== undefined && isNext) {
      run.after = row + 1
      run.end = end
      run.oldEnd = oldEnd
    } else {
      run = { first: row, after: row + 1, start, end, oldStart, oldEnd }
      runs.push(run)
    }
  }
  return runs
}
