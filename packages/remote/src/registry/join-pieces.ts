import { fileTooLarge } from '../errors.ts'

/** Files that describe something are small; larger ones are not read into memory. */
const MOST_BYTES = 64 * 2 ** 20

/** Returns the bytes of a small file. @throws `DSV_REGISTRY_FILE_TOO_LARGE` */
export async function joinPieces(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > MOST_BYTES) throw fileTooLarge(path)
    all.push(piece)
  }
  return Buffer.concat(all)
}
