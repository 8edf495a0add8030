import { createHash, type Hash } from 'node:crypto'
import type { DvcHash } from './dvc-out.ts'

/** Compares bytes, given in pieces, with an MD5 of DVC. */
export interface Md5Check {
  update(bytes: Uint8Array): void
  /** Returns undefined when they agree, else what the MD5 is instead. Ends the check. */
  mismatch(): string | undefined
}

/** Returns a check of bytes against `md5`, 32 hexadecimal digits. */
export function md5Check(hash: DvcHash, md5: string): Md5Check {
  if (hash === 'md5-dos2unix') return legacyCheck(md5)
  const state = createHash('md5')
  return {
    update: (bytes) => void state.update(bytes),
    mismatch() {
      const actual = state.digest('hex')
      return actual === md5 ? undefined : actual
    },
  }
}

const CHUNK_BYTES = 2 ** 20
const LOOKED_AT_BYTES = 512

/**
 * What DVC before 3.0 did: line ends of text count as `\n`, chunk by chunk of 1 MiB, so a `\r\n` across two
 * chunks stays. Whether it is text, those releases decided by the first 512 bytes of the file; DVC 3
 * decides for each chunk anew when it checks such objects. Both count.
 */
function legacyCheck(md5: string): Md5Check {
  const byFile = createHash('md5')
  let byChunk: Hash | undefined
  let isTextFile: boolean | undefined
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let filled = 0

  function take(bytes: Buffer): void {
    const isTextChunk = looksLikeText(bytes.subarray(0, LOOKED_AT_BYTES))
    isTextFile ??= isTextChunk
    if (isTextChunk !== isTextFile) byChunk ??= byFile.copy()
    byFile.update(isTextFile ? withUnixEnds(bytes) : bytes)
    byChunk?.update(isTextChunk ? withUnixEnds(bytes) : bytes)
  }
  return {
    update(bytes) {
      for (let from = 0; from < bytes.length;) {
        const taken = Math.min(CHUNK_BYTES - filled, bytes.length - from)
        chunk.set(bytes.subarray(from, from + taken), filled)
        filled += taken
        from += taken
        if (filled < CHUNK_BYTES) return
        take(chunk)
        filled = 0
      }
    },
    mismatch() {
      if (filled > 0) take(chunk.subarray(0, filled))
      const actual = byFile.digest('hex')
      return actual === md5 || byChunk?.digest('hex') === md5 ? undefined : actual
    },
  }
}

/** No zero byte, and at most 30 % outside of printable ASCII, line ends, tab, form feed, backspace. */
function looksLikeText(block: Uint8Array): boolean {
  if (block.includes(0)) return false
  let odd = 0
  for (const byte of block) {
    const isText = (byte >= 32 && byte < 127) || (byte >= 8 && byte <= 13 && byte !== 11)
    if (!isText) odd += 1
  }
  return odd <= block.length * 0.3
}

function withUnixEnds(bytes: Buffer): Buffer {
  const result = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf('\r\n', from, 'latin1')
    const end = found < 0 ? bytes.length : found
    length += bytes.copy(result, length, from, end)
    // The line feed stays: the next piece begins with it, and it is copied by itself.
    if (found >= 0) result[length++] = 10
    from = found < 0 ? end : end + 2
  }
  return result.subarray(0, length)
}
