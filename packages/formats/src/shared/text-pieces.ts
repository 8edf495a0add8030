const PIECE_CHARACTERS = 2 ** 20

/** Encodes text that comes in small parts as UTF-8, in pieces of about a mebibyte. */
export function textPieces(
  parts: AsyncIterable<string> | Iterable<string>,
): AsyncIterable<Uint8Array> {
  return encode(parts)
}

async function* encode(
  parts: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<Uint8Array> {
  let pending: string[] = []
  let length = 0
  for await (const part of parts) {
    pending.push(part)
    length += part.length
    if (length < PIECE_CHARACTERS) continue
    yield Buffer.from(pending.join(''))
    pending = []
    length = 0
  }
  if (length > 0) yield Buffer.from(pending.join(''))
}
