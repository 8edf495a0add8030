import type { OpenFile } from '@dsv/core'

/** Bytes of records that are in memory at once. */
const BLOCK_BYTES = 8 * 2 ** 20

/**
 * Yields the bytes of records, read in blocks. `spans` holds the byte offset and the length of each, in
 * turn, in the order of the file. What was yielded is valid until the next record.
 *
 * @yields the bytes of each record
 */
export async function* readSpans(
  file: OpenFile,
  spans: readonly number[],
): AsyncGenerator<Uint8Array> {
  for (let first = 0; first < spans.length;) {
    const start = spans[first] ?? 0
    let end = start
    let after = first
    while (after < spans.length) {
      const next = (spans[after] ?? 0) + (spans[after + 1] ?? 0)
      if (after > first && next - start > BLOCK_BYTES) break
      end = next
      after += 2
    }
    const block = await file.read(start, end - start)
    for (; first < after; first += 2) {
      const offset = (spans[first] ?? 0) - start
      yield block.subarray(offset, offset + (spans[first + 1] ?? 0))
    }
  }
}
