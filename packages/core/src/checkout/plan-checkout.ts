import type { FileRecord } from '../record/file-record.ts'

/** A path at which two file trees differ. */
export interface FileChange {
  readonly path: string
  readonly from: FileRecord | undefined
  readonly to: FileRecord | undefined
}

/**
 * What is on disk under a path, compared with both sides of the change: nothing, what `from` or `to`
 * says, a folder where these have a file, or something else, which nobody has stored.
 */
export type Found = 'missing' | 'from' | 'to' | 'folder' | 'other'

/** What planning asks of the disk. */
export interface Disk {
  foundAt(change: FileChange): Found
  /** The topmost part above the path that is there and is no folder. */
  obstacle(path: string): string | undefined
  /** All files and links below a folder, whether ignored or not. */
  below(folder: string): Iterable<string>
}

/** What a checkout will do to the working tree. */
export interface CheckoutPlan {
  /** Deleted first, deepest path first, so that a folder can become a file. */
  readonly remove: readonly FileChange[]
  /** Written then, in path order. */
  readonly write: readonly FileChange[]
  /**
   * What the disk held, of the two trees, where that was not what `from` says; undefined for nothing.
   * Undo goes back to it. A changed file that stays counts as nothing: it is no part of the move.
   */
  readonly unlike: ReadonlyMap<string, FileRecord | undefined>
  /** Paths that hold something nobody has stored. When there is one, nothing is done. */
  readonly blocked: readonly string[]
}

/**
 * Decides what takes the working tree from one file tree to another without losing what is not stored:
 * a path is written or deleted only where the disk holds what `from` says, what `to` says, or nothing.
 *
 * @param options - `keepsDeleted` (default) leaves a changed file that has to go where it is; else it
 *   blocks
 */
export function planCheckout(
  changes: readonly FileChange[],
  disk: Disk,
  { keepsDeleted = true }: { readonly keepsDeleted?: boolean } = {},
): CheckoutPlan {
  const remove: FileChange[] = []
  const write: FileChange[] = []
  const blocked = new Set<string>()
  const folders: string[] = []
  const unlike = new Map<string, FileRecord | undefined>()
  for (const change of changes) {
    const found = disk.foundAt(change)
    const held = found === 'from' ? change.from : found === 'to' ? change.to : undefined
    if (held !== change.from) unlike.set(change.path, held)
    if (found === 'other') {
      // A file that the new tree does not want and the user has changed stays, as an untracked file.
      if (change.to !== undefined || !keepsDeleted) blocked.add(change.path)
    } else if (change.to === undefined) {
      if (found === 'from' || found === 'to') remove.push(change)
    } else if (found !== 'to') {
      write.push(held === change.from ? change : { ...change, from: held })
      if (found === 'folder') folders.push(change.path)
    }
  }
  const removed = new Set(remove.map(({ path }) => path))
  for (const { path } of write) {
    const obstacle = disk.obstacle(path)
    if (obstacle !== undefined && !removed.has(obstacle)) blocked.add(obstacle)
  }
  for (const folder of folders)
    for (const path of disk.below(folder)) if (!removed.has(path)) blocked.add(path)
  return { remove: remove.toReversed(), write, unlike, blocked: [...blocked] }
}
