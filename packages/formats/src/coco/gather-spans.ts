import type { OpenFile } from '@dsv/core'

const READ_BYTES = 8 * 2 ** 20
/** A gap smaller than this is read along; a larger one is worth a read of its own. */
const GAP_BYTES = 64 * 2 ** 10

/** Stretches of a file and where in a buffer they shall go; offsets ascend. */
export interface Span {
  readonly offset: number
  readonly length: number
  readonly target: number
}

/**
 * Copies stretches of a file into `arena`, reading neighbours together, so that even scattered ones
 * cost one sequential pass.
 */
export async function gatherSpans(
  file: OpenFile,
  spans: readonly Span[],
  arena: Buffer,
  signal: AbortSignal,
): Promise<void> {
  let next = 0
  while (next < spans.length) {
    signal.throwIfAborted()
    const start = spans[next]?.offset ?? 0
    const after = lastTogether(spans, next)
    const last = spans[after - 1]
    const end = last === undefined ? start : last.offset + last.length
    const bytes = await file.read(start, end - start)
    for (; next < after; next += 1) {
      const span = spans[next]
      if (span === undefined) continue
      const from = span.offset - start
      arena.set(bytes.subarray(from, from + span.length), span.target)
    }
  }
}

/** The end of the run of spans from `first` on that one read covers. */
function lastTogether(spans: readonly Span[], first: number): number {
  const start = spans[first]?.offset ?? 0
  let after = first + 1
  let end = start + (spans[first]?.length ?? 0)
  for (; after < spans.length; after += 1) {
    const span = spans[after]
    if (span === undefined || span.offset - end > GAP_BYTES) break
    if (span.offset + span.length - start > READ_BYTES) break
    end = span.offset + span.length
  }
  return after
}
