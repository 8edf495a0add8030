import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { destinationExists, destinationInside, pathNotTracked } from '../errors.ts'
import { encodeFile, encodePath, type FileRecord } from '../record/file-record.ts'
import { comparePaths } from '../record/compare-paths.ts'
import { decodeFile, decodePath } from '../record/file-record.ts'
import { scanBatches, type TreeEdit, type TreeRef, type WriteSession } from '@dsv/store'
import { localTree } from '../stage/local-tree.ts'
import { restage } from '../stage/restage.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { isBelow, joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'
import { statPath } from '../working-tree/stat-path.ts'
import { describePaths } from './describe-paths.ts'
import { fileIn } from './file-in.ts'
import type { Repository } from './repository.ts'
import { EMPTY_SNAPSHOT } from './snapshot-of.ts'

/** What to stop tracking. */
export interface RemoveRequest {
  /** Files and folders relative to the working tree. */
  readonly paths: readonly string[]
  /** Leaves the files on disk. */
  readonly cached?: boolean
  /** Deletes files that have local changes too; `undo` brings them back. */
  readonly force?: boolean
}

/**
 * Removes files from the stage, and from disk. Items whose files go are gone from their dataset.
 * Returns the number of files.
 *
 * @throws `DSV_PATH_NOT_TRACKED`, `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function removePaths(repository: Repository, request: RemoveRequest): Promise<number> {
  const { paths, cached = false, force = false } = request
  return withKnownBlobs(repository, async (known) =>
    repository.write(`rm ${describePaths(paths)}`, async (transaction) => {
      const { state, session } = transaction
      const { stage } = state.work
      const removed = await trackedBelow(session, stage.files, paths)
      const edits = [...removed.keys()].map((path) => ({ key: encodePath(path), entry: undefined }))
      const next = await restage(repository, session, stage, edits, EMPTY_SNAPSHOT)
      const work = { ...state.work, stage: next }
      if (cached) {
        await transaction.publish({ work })
        return removed.size
      }
      const from = force ? await localTree(repository, transaction, known, paths) : stage.files
      const options = { force, deletesStrictly: true }
      await moveWorkingTree(
        repository,
        transaction,
        known,
        { from, to: next.files, datasets: next.datasets },
        options,
        async (moved) => transaction.publish({ work: afterMove(work, moved) }),
      )
      return removed.size
    }),
  )
}

/** What to rename. */
export interface RenameRequest {
  readonly from: string
  /** The new path, or an existing folder to move into. */
  readonly to: string
}

/**
 * Renames a file, a folder or a whole dataset, in the stage and on disk. Returns the number of files.
 *
 * @throws `DSV_PATH_NOT_TRACKED`, `DSV_DESTINATION_EXISTS`, `DSV_DESTINATION_INSIDE`,
 *   `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function movePath(repository: Repository, request: RenameRequest): Promise<number> {
  const { from } = request
  return withKnownBlobs(repository, async (known) =>
    repository.write(`mv ${from} ${request.to}`, async (transaction) => {
      const { state, session } = transaction
      const { stage } = state.work
      const to = await destinationOf(repository, session, stage.files, request)
      const moved = await trackedBelow(session, stage.files, [from])
      const edits = new Map<string, TreeEdit>()
      for (const [path, file] of moved) {
        edits.set(path, { key: encodePath(path), entry: undefined })
        const target = path === from ? to : joinPath(to, relativeTo(from, path))
        if ((await fileIn(session, stage.files, target)) !== undefined)
          throw destinationExists(target)
        edits.set(target, { key: encodePath(target), entry: encodeFile(target, file) })
      }
      // A dataset that moves as a whole says the same as before.
      const inside = [...stage.datasets].filter(([path]) => isBelow(path, from))
      const outside = [...stage.datasets].filter(([path]) => !isBelow(path, from))
      const renamed = inside.map(([path, id]): [string, typeof id] => [
        path === from ? to : joinPath(to, relativeTo(from, path)),
        id,
      ])
      const sorted = [...edits].toSorted(([a], [b]) => comparePaths(a, b)).map(([, edit]) => edit)
      const around = { files: stage.files, datasets: new Map(outside) }
      const next = await restage(repository, session, around, sorted, EMPTY_SNAPSHOT)
      const datasets = new Map([...next.datasets, ...renamed])
      const work = { ...state.work, stage: { files: next.files, datasets } }
      const move = { from: stage.files, to: next.files, datasets }
      await moveWorkingTree(
        repository,
        transaction,
        known,
        move,
        { deletesStrictly: true },
        async (done) => transaction.publish({ work: afterMove(work, done) }),
      )
      return moved.size
    }),
  )
}

async function destinationOf(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  { from, to }: RenameRequest,
): Promise<string> {
  if (isBelow(to, from)) throw destinationInside(from, to)
  if ((await fileIn(session, files, to)) !== undefined) throw destinationExists(to)
  for await (const entries of scanBatches(session, files, pathRange(to)))
    if (entries.length > 0) return joinPath(to, from.slice(from.lastIndexOf('/') + 1))
  const isFolder = statPath(repository.folder, to)?.isDirectory() === true
  return isFolder ? joinPath(to, from.slice(from.lastIndexOf('/') + 1)) : to
}

/** @throws `DSV_PATH_NOT_TRACKED` when one of the paths has nothing tracked */
async function trackedBelow(
  session: WriteSession,
  files: TreeRef,
  paths: readonly string[],
): Promise<Map<string, FileRecord>> {
  const found = new Map<string, FileRecord>()
  for (const path of paths) {
    const before = found.size
    const file = path === '' ? undefined : await fileIn(session, files, path)
    if (file !== undefined) found.set(path, file)
    for await (const entries of scanBatches(session, files, pathRange(path)))
      for (const entry of entries) found.set(decodePath(entry.key), decodeFile(entry))
    if (found.size === before) throw pathNotTracked(path)
  }
  return new Map([...found].toSorted(([a], [b]) => comparePaths(a, b)))
}
