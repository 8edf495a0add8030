import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { type Placement, placeFiles } from '@dsv/store'
import { pathBlocked } from '../errors.ts'
import type { WritableFolder } from '../format/format-adapter.ts'
import { isFramePicture } from '../format/frames-as-images.ts'
import { checkPath } from '../record/check-path.ts'
import type { Repository } from '../repository/repository.ts'
import { writeByRename } from '../working-tree/write-by-rename.ts'

/** The folder on disk that an export is written to. */
export interface ExportFolder extends WritableFolder {
  /** Places the media that are still to be placed. Without it some may be missing. */
  finish(): Promise<void>
  /** Files that were written so far. */
  files(): number
}

/** So many media are placed at a time: enough to keep both cores busy. */
const BATCH = 4096

/**
 * Returns the folder `output` for writing. Each file is written beside its place and renamed; media
 * come from the store, in batches. No path leads out of the folder, not through a link either.
 *
 * @throws `DSV_PATH_UNSAFE`, `DSV_PATH_BLOCKED`
 */
export function exportFolder(
  { store, environment, frames }: Repository,
  output: string,
  media: 'copy' | 'link' | 'none',
): ExportFolder {
  const { signal, workerUrl, onProgress } = environment
  mkdirSync(output, { recursive: true })
  const root = realpathSync(output)
  const folders = new Set([''])
  const written = new Set<string>()
  let waiting: Placement[] = []
  let placed = 0
  const prepare = (inside: string): string => {
    checkPath(inside)
    makeFolders(root, path.posix.dirname(inside), folders)
    written.add(inside)
    return path.join(root, inside)
  }
  const placeWaiting = async (): Promise<void> => {
    const batch = waiting
    waiting = []
    await store.objects.bring(batch.map(({ blobId }) => blobId))
    await placeFiles(store.objects, store.driver, batch, {
      link: media === 'link' ? 'hardlink' : 'copy',
      signal,
      ...(workerUrl !== undefined && { workerUrl }),
    })
    placed += batch.length
    onProgress({ task: 'writing media', done: placed, unit: 'files' })
  }
  return {
    write: async (inside, content) => {
      signal.throwIfAborted()
      await writeByRename(prepare(inside), content)
    },
    placeMedia: async (inside, medium) => {
      const { blob, sizeBytes } = medium
      if (media === 'none' || blob === undefined) return
      if (isFramePicture(medium)) {
        await writeByRename(prepare(inside), await frames.read(medium))
        return
      }
      const target = prepare(inside)
      waiting.push({ blobId: blob, target, ...(sizeBytes !== undefined && { sizeBytes }) })
      if (waiting.length >= BATCH) await placeWaiting()
    },
    finish: async () => {
      if (waiting.length > 0) await placeWaiting()
    },
    files: () => written.size,
  }
}

/** One level at a time: a recursive mkdir would follow a link out of the folder. */
function makeFolders(root: string, inside: string, known: Set<string>): void {
  if (inside === '.' || known.has(inside)) return
  makeFolders(root, path.posix.dirname(inside), known)
  const folder = path.join(root, inside)
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  if (stat === undefined) mkdirSync(folder)
  else if (!stat.isDirectory()) throw pathBlocked(inside)
  known.add(inside)
}
