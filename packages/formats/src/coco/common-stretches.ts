import type { Folder } from '@dsv/core'
import type { RecordList } from './record-list.ts'

/** Bytes that two versions of a file have in common: from `start` to `end` now, from `oldStart` on before. */
export interface CommonStretch {
  readonly start: number
  end: number
  readonly oldStart: number
}

/**
 * Returns what two versions of a file have in common as far as their pieces tell, in the order of now;
 * nothing where pieces are not known.
 */
export async function commonStretches(
  now: Folder,
  before: Folder,
  path: string,
): Promise<readonly CommonStretch[]> {
  if (now.piecesOf === undefined || before.piecesOf === undefined) return []
  const oldStarts = new Map<string, number>()
  const oldIds = new Map<number, string>()
  let oldEnd = 0
  for (const { blobId, sizeBytes } of await before.piecesOf(path)) {
    oldStarts.set(blobId, oldEnd)
    oldIds.set(oldEnd, blobId)
    oldEnd += sizeBytes
  }
  const stretches: CommonStretch[] = []
  let start = 0
  for (const { blobId, sizeBytes } of await now.piecesOf(path)) {
    const end = start + sizeBytes
    const last = stretches.at(-1)
    const next = last?.end === start ? last.oldStart + last.end - last.start : -1
    const oldStart = oldStarts.get(blobId)
    if (last !== undefined && oldIds.get(next) === blobId) last.end = end
    else if (oldStart !== undefined) stretches.push({ start, end, oldStart })
    start = end
  }
  return stretches
}

/** Finds the stretch that holds an offset of now; offsets that are asked for ascend. */
export function stretchFinder(
  stretches: readonly CommonStretch[],
): (offset: number) => CommonStretch | undefined {
  let at = 0
  return (offset) => {
    while ((stretches[at]?.end ?? Infinity) <= offset) at += 1
    const stretch = stretches[at]
    return stretch !== undefined && stretch.start <= offset ? stretch : undefined
  }
}

/** Returns for each row of a list the row that it has to be compared with; -1 where both are the same bytes. */
export function rowsToCompare(
  list: RecordList,
  before: RecordList,
  oldRows: Int32Array,
  stretches: readonly CommonStretch[],
): Int32Array {
  if (stretches.length === 0) return oldRows
  const stretchAt = stretchFinder(stretches)
  return oldRows.map((oldRow, row) => {
    const [start, length] = [list.offsets[row] ?? 0, list.lengths[row] ?? 0]
    const stretch = stretchAt(start)
    const isCommon =
      oldRow >= 0 &&
      stretch !== undefined &&
      start + length <= stretch.end &&
      before.lengths[oldRow] === length &&
      before.offsets[oldRow] === start - stretch.start + stretch.oldStart
    return isCommon ? -1 : oldRow
  })
}
