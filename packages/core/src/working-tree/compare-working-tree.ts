import { readlinkSync } from 'node:fs'
import path from 'node:path'
import {
  type BlobId,
  countEntries,
  type FileStat,
  getEntry,
  type ObjectId,
  type ObjectReader,
  scanBatches,
  type TreeRef,
} from '@dsv/store'
import { comparePaths } from '../record/compare-paths.ts'
import { decodeFile, decodePath, encodePath, type FileRecord } from '../record/file-record.ts'
import { fileKind } from './file-kind.ts'
import { hashWorkingFile } from './hash-working-file.ts'
import type { IgnoreRules } from './ignore-rules.ts'
import { obstacles } from './obstacles.ts'
import { pathRange } from './path-range.ts'
import { statEntry, walkWorkingTree, type WorkingEntry } from './walk-working-tree.ts'

/** What a path of the working tree holds, compared with a file tree. */
export interface WorkingChange {
  readonly path: string
  /** What is on disk; undefined when the path is gone. */
  readonly entry: WorkingEntry | undefined
  /** What the file tree says; undefined when the path is new. */
  readonly before: FileRecord | undefined
}

/** The blob that a path is known to hold as long as its stat stays the same. */
export interface KnownBlobs {
  blobOf(path: string, stat: FileStat): BlobId | undefined
  /** Returns whether {@link blobOf} gives one; faster. */
  has(path: string, stat: FileStat): boolean
  /**
   * Remembers that a tracked file was found to hold what the stage says, or is about to say.
   *
   * @param seenNs - When the file was last seen with this stat, in nanoseconds since 1970 UTC; without
   *   it, some time after the command began
   */
  remember(path: string, stat: FileStat, blob: BlobId, seenNs?: bigint): void
  /**
   * Root of the file tree that is known to say the same: a file whose stat is known holds what this
   * tree says.
   */
  readonly agreesWith: ObjectId | undefined
}

/** From here on changes are not collected but found by comparing with the tree, one by one. */
const MANY_CHANGES = 10_000

/** What a comparison needs. */
export interface CompareContext {
  readonly root: string
  readonly reader: ObjectReader
  readonly known: KnownBlobs
  readonly isIgnored: IgnoreRules
  readonly signal: AbortSignal
  /**
   * Is told of media files that are not on disk. With it, as in a partial clone, these count as
   * unchanged; without it as deleted.
   */
  readonly onAbsent?: ((path: string) => void) | undefined
}

/**
 * Yields the paths below the folder `under` at which disk and `tree` differ, in path order. A file is
 * opened only when its stat is not known and its size does not already tell.
 *
 * Ignore rules hold for files that the tree does not have; what is tracked stays tracked.
 *
 * @throws `DSV_FILE_NAME_UNREADABLE`
 */
export async function* compareWorkingTree(
  tree: TreeRef,
  under: string,
  context: CompareContext,
): AsyncGenerator<WorkingChange> {
  const changes = await compareByStat(tree, under, context)
  if (changes === undefined) yield* compareByTree(tree, under, context)
  else yield* changes
}

/**
 * Compares with the cache alone where that is known to agree with the tree: only files that it does
 * not know are looked up. Returns undefined when that cannot tell, because a tracked file is missing.
 */
async function compareByStat(
  tree: TreeRef,
  under: string,
  context: CompareContext,
): Promise<readonly WorkingChange[] | undefined> {
  const { known, reader } = context
  if (tree.root === undefined || known.agreesWith !== tree.root) return undefined
  if (under !== '' && obstacles(context.root)(`${under}/`) !== undefined) return undefined
  const changes: WorkingChange[] = []
  let found = 0
  for (const batch of walkWorkingTree(context.root, under, context.isIgnored)) {
    context.signal.throwIfAborted()
    for (const entry of batch) {
      const { stat } = entry
      if (entry.type === 'file' && stat && known.has(entry.path, stat)) {
        found++
        continue
      }
      const stored = await getEntry(reader, tree, encodePath(entry.path))
      const before = stored && decodeFile(stored)
      if (before !== undefined) found++
      const isChanged =
        before === undefined ? fileKind(entry) !== undefined : !isUnchanged(entry, before, context)
      if (isChanged) changes.push({ path: entry.path, entry, before })
      if (changes.length > MANY_CHANGES) return undefined
    }
  }
  return found === (await countEntries(reader, tree, pathRange(under))) ? changes : undefined
}

async function* compareByTree(
  tree: TreeRef,
  under: string,
  context: CompareContext,
): AsyncGenerator<WorkingChange> {
  const tracked = trackedFiles(context.reader, tree, under)
  const obstacle = obstacles(context.root)
  let next = await tracked.next()
  const isReal = under === '' || obstacle(`${under}/`) === undefined
  for (const batch of isReal ? walkWorkingTree(context.root, under, context.isIgnored) : []) {
    context.signal.throwIfAborted()
    for (const entry of batch) {
      for (
        ;
        !next.done && comparePaths(next.value.path, entry.path) < 0;
        next = await tracked.next()
      )
        yield* unwalked(next.value, obstacle, context)
      if (!next.done && next.value.path === entry.path) {
        const before = next.value.file
        if (!isUnchanged(entry, before, context)) yield { path: entry.path, entry, before }
        next = await tracked.next()
      } else if (fileKind(entry) !== undefined) {
        yield { path: entry.path, entry, before: undefined }
      }
    }
  }
  for (; !next.done; next = await tracked.next()) yield* unwalked(next.value, obstacle, context)
}

/** A tracked file that the walk did not meet is gone, or rules ignore it: what is tracked stays tracked. */
function* unwalked(
  tracked: TrackedFile,
  obstacle: (path: string) => string | undefined,
  context: CompareContext,
): Generator<WorkingChange> {
  // What lies behind a link that took the place of a folder is not the tracked file.
  const isGone = tracked.path.endsWith('/') || obstacle(tracked.path) !== undefined
  const entry = isGone ? undefined : statEntry(context.root, tracked.path)
  if (entry === undefined && isLeftOut(tracked.path, tracked.file, context)) return
  if (entry === undefined || !isUnchanged(entry, tracked.file, context))
    yield { path: tracked.path, entry, before: tracked.file }
}

/** Returns whether a tracked file that is not on disk was left out on purpose, and says so. */
export function isLeftOut(
  inside: string,
  file: FileRecord,
  { onAbsent }: Pick<CompareContext, 'onAbsent'>,
): boolean {
  if (onAbsent === undefined || !('role' in file) || file.role !== 'media') return false
  onAbsent(inside)
  return true
}

interface TrackedFile {
  readonly path: string
  readonly file: FileRecord
}

async function* trackedFiles(
  reader: ObjectReader,
  tree: TreeRef,
  under: string,
): AsyncGenerator<TrackedFile> {
  for await (const entries of scanBatches(reader, tree, pathRange(under)))
    for (const entry of entries) yield { path: decodePath(entry.key), file: decodeFile(entry) }
}

/** Returns whether the entry holds what the file tree says, reading the file only when it must. */
export function isUnchanged(
  entry: WorkingEntry,
  before: FileRecord,
  context: Pick<CompareContext, 'root' | 'known'>,
): boolean {
  if (fileKind(entry) !== before.type) return false
  if (before.type === 'empty-folder') return true
  if (before.type === 'symlink')
    return readlinkSync(path.join(context.root, entry.path)) === before.target
  if (entry.stat === undefined || entry.stat.sizeBytes !== before.sizeBytes) return false
  const { stat } = entry
  const known = context.known.blobOf(entry.path, stat)
  if (known !== undefined) return known === before.blob
  if (hashWorkingFile(path.join(context.root, entry.path)) !== before.blob) return false
  context.known.remember(entry.path, stat, before.blob)
  return true
}
