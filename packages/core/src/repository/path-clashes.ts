import {
  diffTrees,
  editTree,
  getEntry,
  type ObjectReader,
  type ObjectStore,
  scanBatches,
  type TreeRef,
} from '@dsv/store'
import { comparePaths } from '../record/compare-paths.ts'
import { decodePath, encodePath } from '../record/file-record.ts'
import { pathRange } from '../working-tree/path-range.ts'

/** What cannot stay in one file tree: each path is a file or a folder. */
export interface PathClashes {
  /** Folders that are recorded as empty although something lies in them, or a file has their name. */
  readonly emptyFolders: readonly string[]
  /** Files that came and the files that they cannot stay beside. */
  readonly files: ReadonlyMap<string, readonly string[]>
}

/** Finds what cannot stay in `after`, of which `before` was a proper file tree. */
export async function pathClashes(
  reader: ObjectReader,
  before: TreeRef,
  after: TreeRef,
): Promise<PathClashes> {
  const emptyFolders = new Set<string>()
  const files = new Map<string, readonly string[]>()
  for await (const { key, from, to } of diffTrees(reader, before, after)) {
    if (from !== undefined || to === undefined) continue
    const path = decodePath(key)
    const others = await clashesWith(reader, after, path)
    for (const other of others) if (other.endsWith('/')) emptyFolders.add(other)
    if (path.endsWith('/') && others.length > 0) emptyFolders.add(path)
    const found = others.filter((other) => !other.endsWith('/'))
    if (!path.endsWith('/') && found.length > 0) files.set(path, found)
  }
  return { emptyFolders: [...emptyFolders], files }
}

/** Returns the paths of a tree that cannot stay beside a file, or an empty folder, at `path`. */
export async function clashesWith(
  reader: ObjectReader,
  tree: TreeRef,
  path: string,
): Promise<readonly string[]> {
  const bare = path.endsWith('/') ? path.slice(0, -1) : path
  const clashes: string[] = []
  const note = async (other: string): Promise<void> => {
    const entry = await getEntry(reader, tree, encodePath(other))
    if (entry !== undefined) clashes.push(other)
  }
  for (let slash = bare.lastIndexOf('/'); slash > 0; slash = bare.lastIndexOf('/', slash - 1)) {
    await note(bare.slice(0, slash))
    await note(bare.slice(0, slash + 1))
  }
  if (bare !== path) await note(bare)
  for await (const entries of scanBatches(reader, tree, pathRange(bare)))
    for (const { key } of entries) {
      const other = decodePath(key)
      if (other !== path) clashes.push(other)
    }
  return clashes
}

/** Returns the tree without some paths. */
export async function withoutPaths(
  store: ObjectStore,
  tree: TreeRef,
  paths: Iterable<string>,
): Promise<TreeRef> {
  const sorted = [...new Set(paths)].toSorted(comparePaths)
  return editTree(
    store,
    tree,
    sorted.map((path) => ({ key: encodePath(path), entry: undefined })),
  )
}

/** Returns `after` without folders that are recorded as empty and are not any more. */
export async function withoutFilledFolders(
  store: ObjectStore,
  before: TreeRef,
  after: TreeRef,
): Promise<TreeRef> {
  const { emptyFolders } = await pathClashes(store, before, after)
  return emptyFolders.length === 0 ? after : withoutPaths(store, after, emptyFolders)
}
