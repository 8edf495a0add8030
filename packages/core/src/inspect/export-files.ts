import { scanTree, type TreeRef } from '@dsv/store'
import { applyCheckout, bringFiles } from '../checkout/apply-checkout.ts'
import type { FileChange } from '../checkout/plan-checkout.ts'
import { exportLossy } from '../errors.ts'
import type { Loss } from '../format/format-adapter.ts'
import { linkStaysInside } from '../record/check-path.ts'
import { decodeFile, decodePath } from '../record/file-record.ts'
import type { Repository } from '../repository/repository.ts'
import { pathRange, relativeTo } from '../working-tree/path-range.ts'
import { lossCounter } from './loss-counter.ts'

/** Which files are written, and where to. */
export interface ExportFilesRequest {
  /** Only files below this folder, by their path within it; the empty string is all. */
  readonly folder: string
  readonly output: string
  readonly media: 'copy' | 'link' | 'none'
  /** Called for each link that would lead out of the output. */
  readonly onLoss: (loss: Loss) => void
  readonly strict: boolean
}

/**
 * Writes files of a snapshot as they are: bytes, execute permission, links and empty folders. Returns
 * how many. A link out of `folder` cannot be written.
 *
 * @throws `DSV_EXPORT_LOSSY` when strict, `DSV_PATH_UNSAFE`, `DSV_PATH_BLOCKED`, `DSV_OBJECT_CORRUPT`
 */
export async function exportFiles(
  repository: Repository,
  files: TreeRef,
  { folder, output, media, onLoss, strict }: ExportFilesRequest,
): Promise<number> {
  const { store, environment } = repository
  const losses = lossCounter()
  const write: FileChange[] = []
  for await (const entry of scanTree(store.objects, files, pathRange(folder))) {
    environment.signal.throwIfAborted()
    const path = relativeTo(folder, decodePath(entry.key))
    const file = decodeFile(entry)
    if (media === 'none' && 'role' in file && file.role === 'media') continue
    if (file.type === 'symlink' && !linkStaysInside(path, file.target)) {
      losses.add({ what: 'link out of the folder', where: path })
      onLoss({ what: 'link out of the folder', where: path })
      continue
    }
    write.push({ path, from: undefined, to: file })
  }
  if (strict && losses.summary().length > 0) throw exportLossy('the same files', losses.summary())
  await bringFiles(repository, { write })
  await applyCheckout(
    { write, remove: [] },
    {
      reader: store.objects,
      stored: store.objects,
      driver: store.driver,
      root: output,
      isJournaled: false,
      link: media === 'link' ? 'hardlink' : 'copy',
      signal: environment.signal,
      onProgress: environment.onProgress,
      workerUrl: environment.workerUrl,
    },
  )
  return write.length
}
