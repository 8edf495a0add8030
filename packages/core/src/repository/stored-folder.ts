import { type BlobId, getEntry, type ObjectReader, scanBatches, type TreeRef } from '@dsv/store'
import { fileNotFound } from '../errors.ts'
import type { Folder, OpenFile } from '../format/format-adapter.ts'
import { decodeFile, decodePath, encodePath } from '../record/file-record.ts'
import { joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'

/**
 * Returns the files below `root` of a stored file tree as a folder that adapters can read. A file that
 * is opened is held in memory while it is open.
 */
export function storedFolder(reader: ObjectReader, files: TreeRef, root: string): Folder {
  let all: Promise<readonly string[]> | undefined
  const list = async (): Promise<readonly string[]> => {
    const paths: string[] = []
    for await (const entries of scanBatches(reader, files, pathRange(root)))
      for (const entry of entries) {
        const path = decodePath(entry.key)
        if (!path.endsWith('/')) paths.push(relativeTo(root, path))
      }
    return paths
  }
  const blobOf = async (path: string): Promise<BlobId | undefined> => {
    const entry = await getEntry(reader, files, encodePath(joinPath(root, path)))
    if (entry === undefined) return undefined
    const file = decodeFile(entry)
    return file.type === 'file' || file.type === 'executable' ? file.blob : undefined
  }
  const read = async (path: string): Promise<Uint8Array> => {
    const blob = await blobOf(path)
    if (blob === undefined) throw fileNotFound(joinPath(root, path))
    return reader.getBlob(blob)
  }
  return {
    list: async (under) => {
      all ??= list()
      const paths = await all
      return under === undefined || under === ''
        ? paths
        : paths.filter((path) => path.startsWith(`${under}/`))
    },
    has: async (path) => (await blobOf(path)) !== undefined,
    read,
    open: async (path) => openBytes(await read(path)),
  }
}

/** Returns bytes in memory as an open file. */
export function openBytes(bytes: Uint8Array): OpenFile {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  }
}
