const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Returns the first place from `start` on that is no white space of JSON. */
export function skipSpace(buffer: Buffer, start: number): number {
  let at = start
  for (;;) {
    const byte = buffer[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at += 1
  }
}

/** Deeper is no dataset, and more than what reads and writes values by recursion can take. */
export const MAX_JSON_DEPTH = 200

/** What {@link elementEnd} returns for an element that is nested deeper than {@link MAX_JSON_DEPTH}. */
export const TOO_DEEP = -2

/**
 * Returns where the object or list that begins at `start` ends, -1 when the buffer ends before, or
 * {@link TOO_DEEP}.
 * Brackets are counted, not matched. Where a member of the outermost object has one of the quoted keys
 * `watch`, the place of its value goes to `watched`.
 */
export function elementEnd(
  buffer: Buffer,
  start: number,
  watch: readonly Buffer[],
  watched: Int32Array,
): number {
  const limit = buffer.length
  let depth = 0
  for (let at = start; at < limit; at += 1) {
    const byte = buffer[at] ?? 0
    if (byte < 0x5b) {
      if (byte !== QUOTE) continue
      const end = stringEnd(buffer, at)
      if (end === -1) return -1
      if (depth === 1) noteMember(buffer, at, end, watch, watched)
      at = end - 1
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      if (depth > MAX_JSON_DEPTH) return TOO_DEEP
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}

/** Returns where the string, number or word at `start` ends, or -1 when the buffer may end within. */
export function scalarEnd(buffer: Buffer, start: number): number {
  if (buffer[start] === QUOTE) return stringEnd(buffer, start)
  for (let at = start; at < buffer.length; at += 1) {
    const byte = buffer[at] ?? 0
    const isInside = byte > 0x20 && byte !== 0x2c && byte !== 0x5d && byte !== 0x7d
    if (!isInside) return at
  }
  return -1
}

/** Returns the number or the text of the scalar at `start`; undefined for anything else. */
export function scalarAt(buffer: Buffer, start: number): number | string | undefined {
  let value = 0
  let at = start
  for (; at < start + 15; at += 1) {
    const digit = (buffer[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const after = buffer[at] ?? 0
  if (at > start && (after === 0x2c || after === 0x7d || after <= 0x20)) return value
  const end = scalarEnd(buffer, start)
  if (end === -1) return undefined
  return parseScalar(buffer.toString('utf8', start, end))
}

function parseScalar(text: string): number | string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'number' || typeof value === 'string' ? value : undefined
  } catch {
    // Whoever parses the element as a whole says what is wrong with it.
    return undefined
  }
}

function stringEnd(buffer: Buffer, start: number): number {
  for (let at = start + 1; at < buffer.length; at += 1) {
    const byte = buffer[at]
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) at += 1
  }
  return -1
}

function noteMember(
  buffer: Buffer,
  start: number,
  end: number,
  watch: readonly Buffer[],
  watched: Int32Array,
): void {
  for (let index = 0; index < watch.length; index += 1) {
    const key = watch[index]
    if (key === undefined || key.length !== end - start) continue
    if (buffer.compare(key, 0, key.length, start, end) !== 0) continue
    const colon = skipSpace(buffer, end)
    if (buffer[colon] === 0x3a) watched[index] = skipSpace(buffer, colon + 1)
  }
}
