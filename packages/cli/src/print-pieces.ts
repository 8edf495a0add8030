import type { CommandIo } from './io.ts'

/** Writes pieces of a result as they come. Returns how many there were. */
export async function printPieces(pieces: AsyncIterable<string>, io: CommandIo): Promise<number> {
  let count = 0
  for await (const piece of pieces) {
    io.signal.throwIfAborted()
    io.out(piece)
    count++
  }
  return count
}
