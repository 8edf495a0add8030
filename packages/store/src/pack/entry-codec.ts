import { constants, brotliDecompressSync, deflateRawSync, inflateRawSync } from 'node:zlib'

import type { EntryKind } from './entry-kind.ts'
import { isWorthCompressing } from './is-worth-compressing.ts'

/** How the payload of a pack entry is stored. */
export const CODEC = { none: 0, deflateRaw: 1, brotli: 2 } as const

/** Nothing that deflate made gets larger than this many times when it is inflated. */
const MAX_RATIO = 1032

/** What is compressed takes no more than this, so that a small hostile pack cannot fill the memory. */
const MAX_RAW_BYTES = 256 * 1024 * 1024

/** A payload as it is stored. */
export interface StoredPayload {
  readonly codec: number
  readonly stored: Uint8Array
}

/** Returns a payload as it goes into a pack: compressed when that pays, else as it is. */
export function compressPayload(kind: EntryKind, bytes: Uint8Array): StoredPayload {
  const asIs = { codec: CODEC.none, stored: bytes }
  if (bytes.length < 64 || bytes.length > MAX_RAW_BYTES) return asIs
  if (kind === 'blob' && !isWorthCompressing(bytes)) return asIs
  const stored = deflate(bytes, kind === 'blob' ? 1 : 3)
  return stored.length < bytes.length * 0.9 ? { codec: CODEC.deflateRaw, stored } : asIs
}

/**
 * Returns the payload again, or undefined when the stored bytes are damaged. Never makes more than
 * `rawLength` bytes, nor more than 256 MiB.
 */
export function decompressPayload(
  codec: number,
  stored: Uint8Array,
  rawLength: number,
): Uint8Array | undefined {
  if (codec === CODEC.none) return stored.length === rawLength ? stored : undefined
  if (codec !== CODEC.deflateRaw && codec !== CODEC.brotli) return undefined
  if (rawLength > MAX_RAW_BYTES) return undefined
  const options = {
    maxOutputLength: Math.max(1, rawLength),
    // Room for all of the output and one byte more, by which zlib sees that it is done: else it comes in
    // pieces that are joined. A length that is a lie must not take more than the bytes can hold.
    chunkSize: Math.max(constants.Z_MIN_CHUNK, Math.min(rawLength, stored.length * MAX_RATIO) + 1),
  }
  try {
    const raw =
      codec === CODEC.deflateRaw
        ? inflateRawSync(stored, options)
        : brotliDecompressSync(stored, options)
    return raw.length === rawLength ? raw : undefined
  } catch {
    // Every way in which damaged bytes fail to inflate means the same to the caller.
    return undefined
  }
}

/** A small window makes setting up the compressor, which costs most for small input, cheaper. */
function deflate(bytes: Uint8Array, level: number): Uint8Array {
  const windowBits = Math.min(15, Math.max(9, Math.ceil(Math.log2(bytes.length))))
  const memLevel = Math.min(8, Math.max(3, windowBits - 6))
  return deflateRawSync(bytes, {
    level,
    windowBits,
    memLevel,
    strategy: constants.Z_DEFAULT_STRATEGY,
    // Room for all of the output: else it comes in pieces that are joined.
    chunkSize: Math.max(constants.Z_MIN_CHUNK, bytes.length),
  })
}
