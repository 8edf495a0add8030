import { deriveKeyHash } from '../hash/blake3.ts'
import { isWorthCompressing } from '../pack/is-worth-compressing.ts'

/** Sizes of the chunks, in bytes. */
export interface ChunkSizes {
  readonly min: number
  readonly average: number
  readonly max: number
}

/** 256 KiB, 1 MiB and 4 MiB. */
const COARSE: ChunkSizes = { min: 256 * 1024, average: 1024 * 1024, max: 4 * 1024 * 1024 }
/**
 * 32, 64 and 256 KiB, for what shrinks: that is text, which is edited in many places, and compressing
 * takes far longer than all the rest.
 */
const FINE: ChunkSizes = { min: 32 * 1024, average: 64 * 1024, max: 256 * 1024 }
/** What lies behind is cut coarsely, so that the list of chunks stays small: 4 GiB make some 50,000. */
const FINE_BYTES = 4 * 2 ** 30
/** So many bytes tell how the rest is cut. */
const HEAD_BYTES = 64 * 1024

/**
 * Returns where the first chunk of `bytes` ends: at its content, so that an insertion moves few ends.
 * Undefined when more bytes are needed to tell; `bytes` of `sizes.max` always suffice.
 *
 * The gear hash of Xia et al., "FastCDC" (USENIX ATC 2016): `h = 2h + gear[byte]`, so that the last 32
 * bytes decide, and a cut where `h < 2^32 / (average − min)`.
 */
export function findChunkEnd(bytes: Uint8Array, sizes: ChunkSizes): number | undefined {
  const threshold = Math.floor(2 ** 32 / Math.max(1, sizes.average - sizes.min))
  const end = Math.min(bytes.length, sizes.max)
  const gear = gearTable()
  let hash = 0
  for (let at = Math.max(0, sizes.min - 32); at < end; at += 1) {
    hash = ((hash << 1) + (gear[bytes[at] ?? 0] ?? 0)) | 0
    if (hash >>> 0 < threshold && at + 1 >= sizes.min) return at + 1
  }
  return bytes.length >= sizes.max ? sizes.max : undefined
}

let table: Int32Array | undefined

/** 256 numbers that every release must agree on: the first bytes of BLAKE3 `dsv gear v1` of each byte. */
function gearTable(): Int32Array {
  table ??= Int32Array.from({ length: 256 }, (_, byte) =>
    Buffer.from(deriveKeyHash('dsv gear v1', Uint8Array.of(byte))).readInt32LE(0),
  )
  return table
}

/**
 * Cuts pieces of any size into chunks, by default finer where the first bytes say that they shrink. The
 * chunks are views of memory that is used again: each must be done with before the next is asked for.
 *
 * @yields the chunks in order
 */
export async function* cutIntoChunks(
  pieces: AsyncIterable<Uint8Array>,
  sizes?: ChunkSizes,
): AsyncGenerator<Uint8Array, void, undefined> {
  const enough = (sizes ?? COARSE).max
  const buffer = Buffer.allocUnsafe(2 * enough)
  let from = 0
  let to = 0
  let offset = 0
  let fineBytes = 0
  const endOf = (bytes: Uint8Array): number => {
    if (offset === 0 && isWorthCompressing(bytes.subarray(0, HEAD_BYTES))) fineBytes = FINE_BYTES
    const here = sizes ?? (offset < fineBytes ? FINE : COARSE)
    const end = findChunkEnd(bytes, here) ?? bytes.length
    offset += end
    return end
  }
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      if (to === buffer.length) {
        buffer.copy(buffer, 0, from, to)
        to -= from
        from = 0
      }
      const taken = Math.min(piece.length - at, buffer.length - to)
      buffer.set(piece.subarray(at, at + taken), to)
      at += taken
      to += taken
      while (to - from >= enough) {
        const end = endOf(buffer.subarray(from, to))
        yield buffer.subarray(from, from + end)
        from += end
      }
    }
  }
  while (from < to) {
    const end = endOf(buffer.subarray(from, to))
    yield buffer.subarray(from, from + end)
    from += end
  }
}
