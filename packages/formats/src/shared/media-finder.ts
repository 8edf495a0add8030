import type { Folder } from '@dsv/core'
import { isImagePath, isPointCloudPath, isVideoPath } from '../media/media-kind.ts'
import { foreignMedia } from './foreign-media.ts'

/** Finds media files by the name that an annotation file gives them. */
export interface MediaFinder {
  /**
   * Returns the path of the file called `name`, or of one whose path ends so; undefined when there is
   * none. Folders of `hints` (`images/train/`) are looked into first, in their order; where the first one holds media, its
   * siblings (`images/val/`) are not looked into.
   */
  readonly find: (name: string, hints?: readonly string[]) => string | undefined
}

/** Looks through a folder once; holds the path of every media file. */
export async function mediaFinder(folder: Folder): Promise<MediaFinder> {
  const paths = (await folder.list()).filter(
    (path) => isImagePath(path) || isVideoPath(path) || isPointCloudPath(path),
  )
  const known = new Set(paths)
  const { isForeign } = foreignMedia(paths)
  let byName: ReadonlyMap<string, readonly string[]> | undefined
  return {
    find: (name, hints = []) => {
      const safe = safeMediaName(name)
      for (const hint of hints) if (known.has(hint + safe)) return hint + safe
      if (known.has(safe)) return safe
      byName ??= groupByName(paths)
      const same = byName.get(lastSegment(safe)) ?? []
      return same.find((path) => path.endsWith(`/${safe}`) && !isForeign(path, hints[0]))
    },
  }
}

/** Returns what of a name or address in an annotation file can be a path below the root. */
export function safeMediaName(name: string): string {
  const segments = name
    .replaceAll('\\', '/')
    .replace(/^[a-z][a-z0-9+.-]+:\/*/iu, '')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
  return segments.join('/').replaceAll('\0', '') || 'unnamed'
}

function groupByName(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const name = lastSegment(path)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [path])
    else group.push(path)
  }
  return groups
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
