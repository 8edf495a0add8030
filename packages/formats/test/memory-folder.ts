import { type Folder, fileNotFound, type Media, type WritableFolder } from '@dsv/core'
import { memoryFile, safePath } from '@dsv/formats'

/** A folder in memory that can be written and looked into. */
export interface MemoryFolder extends Folder, WritableFolder {
  readonly files: Map<string, Uint8Array>
  /** Paths that were placed as media. */
  readonly media: Set<string>
}

/**
 * Returns a folder in memory. A placed medium becomes a PNG header of its size under its own name,
 * which is all that probing needs.
 */
export function memoryFolder(
  start: Iterable<readonly [string, string | Uint8Array]> = [],
): MemoryFolder {
  const files = new Map<string, Uint8Array>()
  const media = new Set<string>()
  for (const [path, bytes] of start) {
    files.set(path, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  }
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = files.get(path)
    if (bytes === undefined) throw fileNotFound(path)
    return bytes
  }
  return {
    files,
    media,
    list: async (under = '') =>
      [...files.keys()].filter((path) => under === '' || path.startsWith(`${under}/`)).toSorted(),
    has: async (path) => files.has(path),
    read,
    open: async (path) => memoryFile(await read(path)),
    write: async (path, bytes) => {
      files.set(safePath(path), bytes instanceof Uint8Array ? bytes : await collect(bytes))
    },
    placeMedia: async (path, medium) => {
      files.set(safePath(path), placeholder(medium))
      media.add(path)
    },
  }
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The first 33 bytes of an RGB PNG of that size. */
export function placeholder({ width = 1, height = 1 }: Pick<Media, 'width' | 'height'>): Buffer {
  const bytes = Buffer.alloc(33)
  bytes.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  bytes.set([8, 2], 24)
  return bytes
}
