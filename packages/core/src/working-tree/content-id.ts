import { readlinkSync } from 'node:fs'
import path from 'node:path'
import {
  type BlobId,
  buildTree,
  diffTrees,
  encodeObject,
  getEntry,
  hashBlob,
  hashObject,
  isDsvError,
  type ObjectReader,
  type ObjectStore,
  scanBatches,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import { comparePaths } from '../record/compare-paths.ts'
import {
  decodeFile,
  decodePath,
  encodeFile,
  encodePath,
  type FileRecord,
} from '../record/file-record.ts'
import { hasFilesBelow } from '../repository/has-files-below.ts'
import type { WorkingChange } from './compare-working-tree.ts'
import { fileKind } from './file-kind.ts'
import { hashWorkingFile } from './hash-working-file.ts'
import { isNeverTracked } from './ignore-rules.ts'
import type { KeptBlobs } from './known-blobs.ts'
import { pathRange, relativeTo } from './path-range.ts'
import { statPath } from './stat-path.ts'
import { statEntry, walkWorkingTree } from './walk-working-tree.ts'

/** The working tree, compared with a file tree. */
export interface ComparedTree {
  readonly root: string
  readonly reader: ObjectReader
  readonly files: TreeRef
  /** Where they differ, in path order. */
  readonly changes: readonly WorkingChange[]
  readonly known: KeptBlobs
}

/**
 * Returns what a path of the working tree holds: `blob:` and the id of a file's bytes, or `tree:` and the
 * root of the tree of what is in a folder, by paths relative to it; undefined where nothing is. What a file
 * is to a dataset does not count. Files are hashed only where they differ from the file tree, and not again
 * before they change.
 */
export async function contentId(compared: ComparedTree, at: string): Promise<string | undefined> {
  const { root, reader, files, known } = compared
  const own = changeAt(compared, at)
  const tracked = own === undefined ? await getEntry(reader, files, encodePath(at)) : undefined
  if (tracked !== undefined) return textOf(decodeFile(tracked))
  const below = changesBelow(compared, at)
  const isTracked = await hasFilesBelow(reader, files, at)
  if (isTracked || below.some(({ entry }) => entry !== undefined))
    return folderId(compared, at, below, isTracked)
  const stat = statPath(root, at)
  if (stat === undefined) return undefined
  const changes = stat.isDirectory() ? walked(root, at) : single(root, at)
  if (stat.isDirectory()) return folderId(compared, at, changes, false)
  const [change] = changes
  if (change?.entry === undefined) return undefined
  const stamp = stampOf([change])
  const kept = known.results.get(`content of ${at}`, [stamp])
  if (typeof kept === 'string') return kept
  const startNs = known.nowNs()
  const record = recordOf(root, change)
  const id = record && textOf(record)
  if (id !== undefined && isSettled([change], startNs))
    await known.results.put(`content of ${at}`, [stamp], id)
  return id
}

/** Returns whether the file tree has a file at a path, or below it. */
export async function isTrackedAt(
  { reader, files }: Pick<ComparedTree, 'reader' | 'files'>,
  at: string,
): Promise<boolean> {
  const tracked = await getEntry(reader, files, encodePath(at))
  return tracked !== undefined || hasFilesBelow(reader, files, at)
}

/** Returns the id of a stored file or folder, as {@link contentId} does; relative to it, a file is ''. */
export async function contentIdOf(reader: ObjectReader, files: TreeRef): Promise<string> {
  const whole = await getEntry(reader, files, encodePath(''))
  if (whole !== undefined) return textOf(decodeFile(whole))
  const tree = await buildTree(HASHING, withoutRoles(reader, files))
  return treeText(tree)
}

/** What is remembered of a folder: its id, and the file tree that it was computed of. */
interface KeptFolder {
  readonly files: TreeRef
  readonly id: string
}

async function folderId(
  compared: ComparedTree,
  at: string,
  changes: readonly WorkingChange[],
  isTracked: boolean,
): Promise<string | undefined> {
  const { known, files, reader } = compared
  const name = `content of ${at}`
  const stamp = stampOf(changes)
  const kept = known.results.get(name, [stamp])
  if (isKeptFolder(kept) && (await isSameBelow(reader, kept.files, files, at))) return kept.id
  const startNs = known.nowNs()
  const entries = isTracked
    ? mergedEntries(compared, at, changes)
    : newEntries(compared.root, at, changes)
  const tree = await buildTree(HASHING, entries)
  const isEmpty = changes.some((change) => change.path === `${at}/` && change.entry !== undefined)
  if (tree.root === undefined && changes.length > 0 && !isEmpty) return undefined
  const id = treeText(tree)
  if (isSettled(changes, startNs)) await known.results.put(name, [stamp], { files, id })
  return id
}

function isKeptFolder(value: unknown): value is KeptFolder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'files' in value &&
    typeof value.files === 'object' &&
    value.files !== null
  )
}

/** What a gc has removed meanwhile cannot be compared with. */
async function isSameBelow(
  reader: ObjectReader,
  from: TreeRef,
  to: TreeRef,
  folder: string,
): Promise<boolean> {
  if (from.root === to.root) return true
  try {
    return (await diffTrees(reader, from, to, pathRange(folder)).next()).done === true
  } catch (error) {
    if (isDsvError(error, 'DSV_OBJECT_NOT_FOUND')) return false
    throw error
  }
}

/** The tracked files with what the disk says instead, in path order. */
async function* mergedEntries(
  { root, reader, files }: ComparedTree,
  at: string,
  changes: readonly WorkingChange[],
): AsyncGenerator<TreeEntry> {
  let next = 0
  for await (const batch of scanBatches(reader, files, pathRange(at)))
    for (const entry of batch) {
      const file = decodePath(entry.key)
      for (;;) {
        const change = changes[next]
        if (change === undefined || comparePaths(change.path, file) >= 0) break
        next += 1
        yield* entryOf(root, at, change)
      }
      const change = changes[next]
      if (change?.path === file) {
        next += 1
        yield* entryOf(root, at, change)
      } else if (file !== `${at}/`) yield plainEntry(relativeTo(at, file), decodeFile(entry))
    }
  for (const change of changes.slice(next)) yield* entryOf(root, at, change)
}

function* newEntries(
  root: string,
  at: string,
  changes: readonly WorkingChange[],
): Generator<TreeEntry> {
  for (const change of changes) yield* entryOf(root, at, change)
}

function* entryOf(root: string, at: string, change: WorkingChange): Generator<TreeEntry> {
  // That the folder itself is empty shows in that nothing is in it.
  const record = change.path === `${at}/` ? undefined : recordOf(root, change)
  if (record !== undefined) yield plainEntry(relativeTo(at, change.path), record)
}

async function* withoutRoles(reader: ObjectReader, files: TreeRef): AsyncGenerator<TreeEntry> {
  for await (const batch of scanBatches(reader, files))
    for (const entry of batch) yield plainEntry(decodePath(entry.key), decodeFile(entry))
}

function plainEntry(inside: string, record: FileRecord): TreeEntry {
  return encodeFile(inside, 'role' in record ? { ...record, role: 'none' } : record)
}

/** What is on disk, hashed. */
function recordOf(root: string, { path: inside, entry }: WorkingChange): FileRecord | undefined {
  const type = entry && fileKind(entry)
  if (entry === undefined || type === undefined) return undefined
  if (type === 'empty-folder') return { type }
  const absolute = path.join(root, inside)
  if (type === 'symlink') return { type, target: readlinkSync(absolute) }
  const blob = hashWorkingFile(absolute)
  return blob && { type, blob, sizeBytes: entry.stat?.sizeBytes ?? 0, role: 'none' }
}

function textOf(record: FileRecord): string {
  if ('blob' in record) return `blob:${record.blob}`
  if (record.type === 'symlink') return `blob:${hashBlob(Buffer.from(record.target))}`
  return treeText({ root: undefined })
}

function treeText({ root }: Pick<TreeRef, 'root'>): string {
  return `tree:${root ?? 'empty'}`
}

function* walkedEntries(root: string, at: string): Generator<WorkingChange> {
  for (const batch of walkWorkingTree(root, at, isNeverTracked))
    for (const entry of batch) yield { path: entry.path, entry, before: undefined }
}

function walked(root: string, at: string): readonly WorkingChange[] {
  return [...walkedEntries(root, at)]
}

function single(root: string, at: string): readonly WorkingChange[] {
  return [{ path: at, entry: statEntry(root, at), before: undefined }]
}

/** Says of changed files what tells that they changed again. */
function stampOf(changes: readonly WorkingChange[]): BlobId {
  const lines: string[] = []
  for (const { path: file, entry } of changes) {
    const { sizeBytes, mtimeNs, ctimeNs, ino, mode } = entry?.stat ?? {}
    lines.push([file, entry?.type, sizeBytes, mtimeNs, ctimeNs, ino, mode].join('\0'))
  }
  return hashBlob(Buffer.from(lines.join('\n')))
}

/** A file that changed a moment ago may change again without its stat showing it. */
function isSettled(changes: readonly WorkingChange[], startNs: bigint): boolean {
  return changes.every(({ entry }) => entry?.stat === undefined || entry.stat.ctimeNs < startNs)
}

function changeAt({ changes }: ComparedTree, at: string): WorkingChange | undefined {
  const found = changes[firstFrom(changes, at)]
  return found?.path === at ? found : undefined
}

/** The changes in a folder. */
export function changesBelow(
  { changes }: Pick<ComparedTree, 'changes'>,
  folder: string,
): readonly WorkingChange[] {
  if (folder === '') return changes
  return changes.slice(firstFrom(changes, `${folder}/`), firstFrom(changes, `${folder}0`))
}

function firstFrom(changes: readonly WorkingChange[], from: string): number {
  let [low, high] = [0, changes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comparePaths(changes[middle]?.path ?? '', from) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** A store that only says which ids its objects would have. */
const HASHING: ObjectStore = {
  has: async () => false,
  info: async () => undefined,
  getBlob: async () => notStored(),
  streamBlob: () => notStored(),
  piecesOf: async () => notStored(),
  getObject: async () => notStored(),
  putBlob: async (bytes) => hashBlob(bytes),
  putBlobStream: async () => notStored(),
  putObject: async (kind, object) => hashObject(kind, encodeObject(object)),
}

function notStored(): never {
  throw new Error('Nothing is stored here.')
}
