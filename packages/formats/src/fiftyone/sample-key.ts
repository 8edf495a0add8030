import type { ItemKey, Json } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { idOfImage } from '../shared/image-name.ts'
import { isArray } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'

const SPLITS: ReadonlySet<string> = new Set(
  'train training val valid validation test testing dev'.split(' '),
)

/** The key of a sample, and its tags but the one that is the subset. */
export interface SampleKey extends ItemKey {
  readonly tags: readonly string[]
}

/**
 * Returns the key of a sample: the subset is the field `subset`, or the only tag that is the name of a
 * split; the id is the path below `data/` and the folder of the subset.
 */
export function sampleKey(
  filepath: string,
  tags: Json | undefined,
  stated: Json | undefined,
): SampleKey {
  const texts = (isArray(tags) ? tags : []).filter((tag) => typeof tag === 'string')
  const isStated = typeof stated === 'string' && stated !== ''
  const splits = isStated ? [] : texts.filter((tag) => SPLITS.has(tag))
  const [split] = splits.length === 1 ? splits : []
  const subset = isStated ? stated : (split ?? 'default')
  const whole = idOfImage(filepath)
  const below = whole.startsWith('data/') ? whole.slice(5) : whole
  const folder = `${safeMediaName(subset)}/`
  const id = subset !== 'default' && below.startsWith(folder) ? below.slice(folder.length) : below
  return { subset, id: id === '' ? below : id, tags: texts.filter((tag) => tag !== split) }
}

/** Returns whether the subset of an item can be told by a tag alone. */
export function isTagEnough(subset: string, tags: readonly string[]): boolean {
  if (tags.some((tag) => SPLITS.has(tag))) return false
  return subset === 'default' || SPLITS.has(subset)
}

/** Returns the path of the image of an item in `data/`. */
export function usualFilepath({ subset, id }: ItemKey, path: string): string {
  const extension = extensionOf(path)
  const suffix = extension === '' ? '' : path.slice(-extension.length - 1)
  const folder = subset === 'default' ? '' : `${subset}/`
  return `data/${safeMediaName(`${folder}${id}${suffix}`)}`
}
