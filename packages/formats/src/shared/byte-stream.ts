import { formatSyntax, isDsvError, type OpenFile } from '@dsv/core'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'

/** Bytes that are read one after another. */
export interface ByteStream {
  /** Takes the next `length` bytes; fewer at the end. */
  take(length: number): Promise<Buffer>
  /** Gives up what is left. */
  close(): Promise<void>
}

const PIECE_BYTES = 2 ** 20

/**
 * Reads a file from its beginning, unpacked when it is gzip. Memory is bounded by what is taken, however
 * much the packed bytes claim.
 *
 * @throws `DSV_FORMAT_SYNTAX` from `take` where the packed bytes are damaged
 */
export async function byteStream(file: OpenFile, path: string): Promise<ByteStream> {
  const [first, second] = await file.read(0, 2)
  const pieces = piecesOf(file)
  return streamOf(first === 0x1f && second === 0x8b ? unpacked(pieces, path) : pieces)
}

/** Yields the bytes of a file in pieces of a mebibyte. */
export async function* piecesOf(file: OpenFile): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.sizeBytes; at += PIECE_BYTES) yield file.read(at, PIECE_BYTES)
}

/** Packs bytes as gzip, without a name or a time in it. */
export async function* gzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* through(pieces, createGzip())
}

async function* unpacked(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* through(pieces, createGunzip())
  } catch (error) {
    if (isDsvError(error)) throw error
    throw formatSyntax(path, 'is damaged: it cannot be unpacked', error)
  }
}

async function* through(
  pieces: AsyncIterable<Uint8Array>,
  transform: ReturnType<typeof createGzip>,
): AsyncGenerator<Uint8Array> {
  // What goes wrong is thrown by the iteration below.
  yield* pipeline(Readable.from(pieces), transform, () => {})
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ByteStream {
  let rest = Buffer.alloc(0)
  return {
    take: async (wanted) => {
      const parts: Uint8Array[] = [rest]
      let length = rest.length
      while (length < wanted) {
        const next = await pieces.next()
        if (next.done === true) break
        parts.push(next.value)
        length += next.value.length
      }
      const all = parts.length === 1 ? rest : Buffer.concat(parts)
      rest = all.subarray(wanted)
      return all.subarray(0, wanted)
    },
    close: async () => {
      await pieces.return(undefined)
    },
  }
}
