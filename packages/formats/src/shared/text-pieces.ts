const PIECE_BYTES = 2 ** 20

/** Joins text and bytes that come in small parts into pieces of at least a mebibyte, as UTF-8. */
export function textPieces(
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncIterable<Uint8Array> {
  return encode(parts)
}

async function* encode(
  parts: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  let length = 0
  for await (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    pending.push(bytes)
    length += bytes.length
    if (length < PIECE_BYTES) continue
    yield pending.length === 1 ? bytes : Buffer.concat(pending)
    pending = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(pending)
}
