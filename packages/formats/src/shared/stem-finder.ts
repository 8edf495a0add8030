import type { Folder } from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { foreignMedia } from './foreign-media.ts'
import { safeMediaName } from './media-finder.ts'

/** Finds images by names without extension. */
export interface StemFinder {
  /**
   * Returns the path of the image called `stem`, or of one whose path ends so; undefined when there is
   * none. Folders of `hints` (`images/train/`) are looked into first; where the first one holds images, its siblings
   * (`images/val/`) are not looked into.
   */
  readonly find: (stem: string, hints?: readonly string[]) => string | undefined
}

/** Looks through a folder once; holds the path of every image. */
export async function stemFinder(folder: Folder): Promise<StemFinder> {
  const byStem = new Map<string, string>()
  for (const path of await folder.list()) {
    const stem = withoutExtension(path)
    if (isImagePath(path) && !byStem.has(stem)) byStem.set(stem, path)
  }
  const { isForeign } = foreignMedia(byStem.keys())
  let byName: ReadonlyMap<string, readonly string[]> | undefined
  return {
    find: (stem, hints = []) => {
      const safe = safeMediaName(stem)
      for (const hint of [...hints, '']) {
        const path = byStem.get(hint + safe)
        if (path !== undefined) return path
      }
      byName ??= groupByName(byStem.keys())
      const found = byName
        .get(lastSegment(safe))
        ?.find((each) => each.endsWith(`/${safe}`) && !isForeign(each, hints[0]))
      return found === undefined ? undefined : byStem.get(found)
    },
  }
}

function groupByName(stems: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const stem of stems) {
    const name = lastSegment(stem)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [stem])
    else group.push(stem)
  }
  return groups
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
