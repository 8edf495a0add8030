// Numbers and bytes that are the same for the same seed, on every machine.
import { createCipheriv, createHash } from 'node:crypto'

/** Returns a function that fills a buffer with the next incompressible bytes of a seed. */
export function seededBytes(seed) {
  const key = createHash('sha256').update(`dsv bench ${seed}`).digest()
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16))
  let zeros = Buffer.alloc(0)
  return (length) => {
    if (zeros.length < length) zeros = Buffer.alloc(length)
    return cipher.update(zeros.subarray(0, length))
  }
}

const BLOCK = 1 << 12

/** Returns a function that yields the next number of a seed, in [0, 1). */
export function seededNumbers(seed) {
  const bytes = seededBytes(seed)
  let block = bytes(BLOCK)
  let at = 0
  const next = () => {
    if (at === block.length) {
      block = bytes(BLOCK)
      at = 0
    }
    const value = block.readUInt32LE(at)
    at += 4
    return value / 2 ** 32
  }
  /** A whole number, `from` ≤ n < `to`. */
  next.whole = (from, to) => from + Math.floor(next() * (to - from))
  next.pick = (list) => list[Math.floor(next() * list.length)]
  return next
}
