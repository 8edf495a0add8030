/** Returns how many bytes {@link writeVarint} uses for `value`: 7 bits in each. */
export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1
  return length
}

/** Writes a whole number from 0 to 2^53 − 1, low bits first, and returns the offset after it. */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  while (rest >= 128) {
    target[at] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
    at += 1
  }
  target[at] = rest
  return at + 1
}

/**
 * Reads a number in its only spelling. Returns undefined when it is cut off, is spelled with bytes to
 * spare or is larger than 2^53 − 1.
 */
export function readVarint(
  bytes: Uint8Array,
  offset: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  let scale = 1
  for (let at = offset; at < offset + 8; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    value += (byte & 127) * scale
    if (byte < 128) {
      const isShortest = byte !== 0 || at === offset
      return isShortest && Number.isSafeInteger(value) ? { value, end: at + 1 } : undefined
    }
    scale *= 128
  }
  return undefined
}
