import { formatSyntax } from '@dsv/core'

const SIGNATURE_BYTES = 8
const MAX_IMAGE_BYTES = 2 ** 29

/**
 * Yields the images of a stream of PNGs, one behind the other. One is held at a time.
 *
 * @throws `DSV_FORMAT_SYNTAX` where the stream ends within an image, or one is larger than 512 MiB
 */
export async function* splitPngs(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<Uint8Array> {
  let bytes = Buffer.alloc(0)
  let parts: Uint8Array[] = []
  let length = 0
  let wanted = SIGNATURE_BYTES + 8
  let next = SIGNATURE_BYTES
  for await (const piece of pieces) {
    parts.push(piece)
    length += piece.length
    if (length > MAX_IMAGE_BYTES) throw formatSyntax(file, 'has a frame of more than 512 MiB')
    while (length >= wanted) {
      if (parts.length > 0) bytes = Buffer.concat([bytes, ...parts])
      parts = []
      const end = next + 12 + bytes.readUInt32BE(next)
      const isLast = bytes.toString('latin1', next + 4, next + 8) === 'IEND'
      if (!isLast) {
        next = end
        wanted = end + 8
      } else if (length < end) {
        wanted = end
      } else {
        yield bytes.subarray(0, end)
        bytes = bytes.subarray(end)
        length = bytes.length
        next = SIGNATURE_BYTES
        wanted = SIGNATURE_BYTES + 8
      }
    }
  }
  if (length > 0) throw formatSyntax(file, 'ends within a frame')
}
