import type { ItemKey } from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { safeMediaName } from '../shared/media-finder.ts'

const SPLITS: ReadonlySet<string> = new Set(
  'train training val valid validation test testing dev'.split(' '),
)
const ANNOTATION_FOLDERS: ReadonlySet<string> = new Set(
  'annotation annotations ann anns json jsons label labels'.split(' '),
)

/** Returns which item an annotation file is about: folders like `train` are subsets, `labels` none. */
export function itemKeyOf(path: string): ItemKey {
  const segments = withoutExtension(path).split('/')
  let subset = 'default'
  while (segments.length > 1) {
    const name = (segments[0] ?? '').toLowerCase()
    if (ANNOTATION_FOLDERS.has(name)) segments.shift()
    else if (subset === 'default' && SPLITS.has(name)) subset = segments.shift() ?? subset
    else break
  }
  return { subset, id: segments.join('/') }
}

/** Returns where the annotations of an item go that had no file yet. */
export function usualPath({ subset, id }: ItemKey): string {
  const name = safeMediaName(id)
  return subset === 'default' ? `${name}.json` : `${safeMediaName(subset)}/${name}.json`
}

/** Returns whether two keys are the same. */
export function isSameKey(a: ItemKey, b: ItemKey): boolean {
  return a.subset === b.subset && a.id === b.id
}
