import {
  type BlobId,
  getEntry,
  type ObjectReader,
  scanBatches,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import { fileNotFound } from '../errors.ts'
import type { Folder } from '../format/format-adapter.ts'
import { decodeFile, decodePath, encodePath } from '../record/file-record.ts'
import { joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'
import type { TrackedPaths } from '../working-tree/working-folder.ts'
import { openStored } from './open-stored.ts'

/**
 * Returns the files below `root` of a stored file tree as a folder that adapters can read.
 *
 * @param shown - Which of them there are; all by default
 */
export function storedFolder(
  reader: ObjectReader,
  files: TreeRef,
  root: string,
  shown?: TrackedPaths,
): Folder {
  let all: Promise<readonly string[]> | undefined
  const list = async (): Promise<readonly string[]> => {
    const paths: string[] = []
    for await (const entries of scanBatches(reader, files, pathRange(root)))
      for (const entry of entries)
        if (blobIn(entry) !== undefined) paths.push(relativeTo(root, decodePath(entry.key)))
    return paths
  }
  const blobOf = async (path: string): Promise<BlobId | undefined> => {
    const entry = await getEntry(reader, files, encodePath(joinPath(root, path)))
    return entry === undefined ? undefined : blobIn(entry)
  }
  const need = async (path: string): Promise<BlobId> => {
    const blob = await blobOf(path)
    if (blob === undefined) throw fileNotFound(joinPath(root, path))
    return blob
  }
  return {
    list: async (under) => {
      all ??= shown === undefined ? list() : shown.list()
      const paths = await all
      return under === undefined || under === ''
        ? paths
        : paths.filter((path) => path.startsWith(`${under}/`))
    },
    has: async (path) =>
      shown === undefined ? (await blobOf(path)) !== undefined : shown.has(path),
    read: async (path) => reader.getBlob(await need(path)),
    open: async (path) => openStored(reader, await need(path)),
    piecesOf: async (path) => reader.piecesOf(await need(path)),
  }
}

/** The bytes of a file; undefined for a link or an empty folder. */
function blobIn(entry: TreeEntry): BlobId | undefined {
  const file = decodeFile(entry)
  return file.type === 'file' || file.type === 'executable' ? file.blob : undefined
}
