import fs from 'node:fs'
import type { TreeEntry } from 'isomorphic-git'
import { checkStoragePath, type StoragePath } from '@dsv/store'
import type { GitObjects } from '../dvc/git-objects.ts'
import { gitFailed } from '../errors.ts'

/** The Git blobs that make up a file, one behind the other: one for most, several for a large file. */
export type FileParts = readonly [string, ...string[]]

/** Files of a storage as a commit holds them. */
export interface StorageTree {
  readonly commitId: string
  readonly modifiedMs: number
  readonly files: ReadonlyMap<StoragePath, FileParts>
  /** Ids of its folders. */
  readonly trees: ReadonlySet<string>
}

/** Ends the name of a folder that holds the numbered parts of one file. */
export const PARTS_ENDING = '.parts'

const MAX_FILES = 1_000_000
const MAX_DEPTH = 16

/**
 * Reads the names in a folder of Git; everything but files, folders and parts is refused.
 *
 * @throws `DSV_GIT_FAILED`, `DSV_PATH_UNSAFE`, `DSV_STORAGE_PATH_INVALID`
 */
export async function readStorageTree(
  objects: GitObjects,
  treeId: string,
  location: string,
): Promise<Pick<StorageTree, 'files' | 'trees'>> {
  const files = new Map<StoragePath, FileParts>()
  const trees = new Set<string>()
  await visit(treeId, '', 0)
  return { files, trees }

  async function visit(oid: string, prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw gitFailed(location, 'its folders are too deep')
    trees.add(oid)
    for (const { name, mode, oid: child } of await objects.tree(oid)) {
      const file = `${prefix}${name}`
      checkStoragePath(file)
      if (mode === 'tree') {
        if (!name.endsWith(PARTS_ENDING)) await visit(child, `${file}/`, depth + 1)
        else put(file.slice(0, -PARTS_ENDING.length), await partsOf(child, file))
      } else if (mode === 'file') put(file, [child])
      else throw gitFailed(location, `${file} is a ${mode}, which no storage holds`)
    }
  }
  function put(file: StoragePath, parts: FileParts): void {
    checkStoragePath(file)
    if (files.has(file)) throw gitFailed(location, `${file} is there twice`)
    if (files.size >= MAX_FILES) throw gitFailed(location, 'it holds too many files')
    files.set(file, parts)
  }
  async function partsOf(oid: string, file: string): Promise<FileParts> {
    trees.add(oid)
    const [first, ...rest] = await objects.tree(oid)
    const parts = first === undefined ? [] : [first, ...rest]
    const isWhole = parts.every(
      ({ name, mode }, number) => mode === 'file' && name === partName(number),
    )
    if (first === undefined || !isWhole) throw gitFailed(location, `${file} lacks parts`)
    return [first.oid, ...rest.map((part) => part.oid)]
  }
}

/** A folder that was written. */
export interface WrittenTree {
  readonly treeId: string
  /** Ids of all folders in it. */
  readonly trees: ReadonlySet<string>
}

/** Writes folders of Git that hold the files, into a Git folder; blobs must be there already. */
export async function writeStorageTree(
  gitdir: string,
  files: ReadonlyMap<StoragePath, FileParts>,
): Promise<WrittenTree> {
  const git = await import('isomorphic-git')
  const trees = new Set<string>()
  return { treeId: await write([...files]), trees }

  async function write(inside: readonly (readonly [string, FileParts])[]): Promise<string> {
    const folders = new Map<string, [string, FileParts][]>()
    const entries: TreeEntry[] = []
    for (const [file, parts] of inside) {
      const at = file.indexOf('/')
      if (at >= 0) {
        const name = file.slice(0, at)
        const folder = folders.get(name) ?? []
        folder.push([file.slice(at + 1), parts])
        folders.set(name, folder)
      } else if (parts.length === 1) entries.push(blobEntry(file, parts[0]))
      else {
        const oid = await put(parts.map((part, number) => blobEntry(partName(number), part)))
        entries.push({ mode: '040000', path: `${file}${PARTS_ENDING}`, oid, type: 'tree' })
      }
    }
    for (const [name, folder] of folders) {
      entries.push({ mode: '040000', path: name, oid: await write(folder), type: 'tree' })
    }
    return put(entries)
  }
  async function put(entries: TreeEntry[]): Promise<string> {
    const oid = await git.writeTree({ fs, gitdir, tree: entries })
    trees.add(oid)
    return oid
  }
}

function blobEntry(name: string, oid: string): TreeEntry {
  return { mode: '100644', path: name, oid, type: 'blob' }
}

function partName(number: number): string {
  return String(number).padStart(5, '0')
}
