import { spoolFile } from '../folder/spool-file.ts'

/** Text that is put together piece by piece and written as one file at the end. */
export interface TextSpool {
  readonly add: (text: string) => Promise<void>
  readonly isEmpty: () => boolean
  /** Everything that was added, after `head`. */
  readonly content: (head?: string) => AsyncIterable<Uint8Array>
  readonly close: () => Promise<void>
}

const PIECE_BYTES = 2 ** 20

/** Makes a text: in memory while it is small, then in a temporary file that `close` removes. */
export function textSpool(): TextSpool {
  const spool = spoolFile()
  return {
    add: async (text) => {
      spool.append(Buffer.from(text))
      await spool.settle()
    },
    isEmpty: () => spool.sizeBytes === 0,
    content: (head = '') => pieces(head),
    close: async () => spool.close(),
  }

  async function* pieces(head: string): AsyncGenerator<Uint8Array> {
    if (head !== '') yield Buffer.from(head)
    for (let at = 0; at < spool.sizeBytes; at += PIECE_BYTES) {
      yield await spool.read(at, PIECE_BYTES)
    }
  }
}
