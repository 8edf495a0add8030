import type { Folder, OpenFile } from '@dsv/core'
import type { RecordList } from './record-list.ts'
import { listMarks } from './json-style.ts'
import type { JsonStyle } from './layout.ts'
import type { ListEntry } from './merge-rows.ts'

/** A list of a file that changes: its records before, and which of them and which others there are now. */
export interface ListSplice {
  readonly list: RecordList
  readonly entries: readonly ListEntry[]
  readonly style: JsonStyle
}

const READ_BYTES = 4 * 2 ** 20

/** Streams a file with the records of some of its lists replaced; all other bytes are what they were. */
export async function* spliceFile(
  folder: Folder,
  path: string,
  lists: readonly ListSplice[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const file = await folder.open(path)
  try {
    for (const part of partsOf(lists, file.sizeBytes)) {
      if (part instanceof Uint8Array) yield part
      else yield* copied(file, part, signal)
    }
  } finally {
    await file.close()
  }
}

/** A stretch of the file. */
interface Stretch {
  readonly start: number
  readonly end: number
}

/** What the file consists of, in order: stretches of the one before and bytes that are new. */
function* partsOf(
  lists: readonly ListSplice[],
  sizeBytes: number,
): Generator<Stretch | Uint8Array> {
  let start = 0
  for (const { list, entries, style } of lists.toSorted((a, b) => startOf(a) - startOf(b))) {
    yield { start, end: startOf({ list }) }
    const between = Buffer.from(listMarks(style, 1).between)
    for (const [at, entry] of entries.entries()) {
      if (at > 0) yield between
      if ('bytes' in entry) yield entry.bytes
      else yield { start: list.offsets[entry.first] ?? 0, end: endOf(list, entry.after - 1) }
    }
    start = endOf(list, list.offsets.length - 1)
  }
  yield { start, end: sizeBytes }
}

function startOf({ list }: Pick<ListSplice, 'list'>): number {
  return list.offsets[0] ?? 0
}

function endOf({ offsets, lengths }: RecordList, row: number): number {
  return (offsets[row] ?? 0) + (lengths[row] ?? 0)
}

async function* copied(
  file: OpenFile,
  { start, end }: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    signal.throwIfAborted()
    const bytes = await file.read(at, Math.min(READ_BYTES, end - at))
    if (bytes.length === 0) throw new Error('a stored file is shorter than it says')
    yield bytes
    at += bytes.length
  }
}
