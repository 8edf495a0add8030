// Reads a JSON file that is longer than a text can be in V8 (512 MB): each object of a list at the top is parsed alone.
import { readFileSync } from 'node:fs'

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const OPENING = new Set([0x7b, 0x5b])
const CLOSING = new Set([0x7d, 0x5d])
const SAFE_BYTES = 2 ** 28

/** Returns the object in a file whose members are lists of objects, or other values. */
export function readLargeJson(file) {
  const bytes = readFileSync(file)
  if (bytes.length < SAFE_BYTES) return JSON.parse(bytes.toString('utf8'))
  const lists = {}
  let [depth, start, key] = [0, 0, '']
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      const end = endOfText(bytes, at)
      if (depth === 1) key = JSON.parse(bytes.toString('utf8', at, end))
      at = end - 1
    } else if (OPENING.has(byte)) {
      depth++
      if (depth === 2) lists[key] = []
      if (depth === 3) start = at
    } else if (CLOSING.has(byte)) {
      if (depth === 3) lists[key].push(JSON.parse(bytes.toString('utf8', start, at + 1)))
      depth--
    }
  }
  return lists
}

/** The place behind the quote that ends a text. */
function endOfText(bytes, from) {
  for (let at = from + 1; ; at++) {
    if (bytes[at] === BACKSLASH) at++
    else if (bytes[at] === QUOTE || at >= bytes.length) return at + 1
  }
}
