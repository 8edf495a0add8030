import type { StorageEntry, StoragePath } from '@dsv/store'
import type { FileEntryWithStats, Stats } from 'ssh2'

import { lstatFile, namesInFolder } from './sftp-files.ts'
import type { SftpLink } from './sftp-link.ts'

/** How many folders to read ahead of the one whose files are given out. */
const AHEAD = 8
/** No storage has longer paths, and a hostile server no end to its folders. */
const LONGEST_PATH = 1024

interface Named {
  /** In the storage; that of a folder ends in `/`. */
  readonly path: string
  readonly entry: StorageEntry | undefined
}

/**
 * Lists files depth first; names of folders sort as if they ended in `/`, so the paths come sorted. Links
 * and devices are left out.
 *
 * @param folder of the storage on the server
 */
export async function* listSftp(
  link: SftpLink,
  folder: string,
  prefix: StoragePath,
): AsyncGenerator<StorageEntry> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const read = (path: string): Promise<Named[]> => readFolder(link, folder, path)
  yield* listFolder(read, read(parent), prefix)
}

async function* listFolder(
  read: (path: string) => Promise<Named[]>,
  contents: Promise<Named[]>,
  prefix: StoragePath,
): AsyncGenerator<StorageEntry> {
  const named = (await contents)
    .filter((each) => each.path.startsWith(prefix) || prefix.startsWith(each.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const folders = named.filter((each) => each.entry === undefined).map((each) => each.path)
  const ahead: Promise<Named[]>[] = []
  for (const each of named) {
    if (each.entry !== undefined) {
      yield each.entry
      continue
    }
    for (const next of folders.splice(0, AHEAD - ahead.length)) {
      const reading = read(next)
      // Its failure counts when its turn comes, which may be never.
      reading.catch(() => undefined)
      ahead.push(reading)
    }
    const inside = ahead.shift()
    if (inside !== undefined) yield* listFolder(read, inside, prefix)
  }
}

async function readFolder(link: SftpLink, folder: string, parent: string): Promise<Named[]> {
  return link.use(async (session) => {
    const absolute = parent === '' ? folder : `${folder}/${parent.slice(0, -1)}`
    const names = (await namesInFolder(session, absolute)) ?? []
    const found: Named[] = []
    for (const { filename, attrs } of names) {
      const stats = hasType(attrs) ? attrs : await lstatFile(session, `${absolute}/${filename}`)
      if (stats === undefined || parent.length + filename.length >= LONGEST_PATH) continue
      found.push(...namedOf(parent + filename, stats))
    }
    return found
  })
}

function hasType(attrs: FileEntryWithStats['attrs']): boolean {
  return typeof attrs.mode === 'number' && (attrs.mode & 0o170000) !== 0
}

function namedOf(path: string, stats: Stats): Named[] {
  if (stats.isDirectory()) return [{ path: `${path}/`, entry: undefined }]
  if (!stats.isFile() || !Number.isSafeInteger(stats.size)) return []
  const modifiedMs = Number.isFinite(stats.mtime) ? stats.mtime * 1000 : 0
  return [{ path, entry: { path, sizeBytes: stats.size, modifiedMs } }]
}
