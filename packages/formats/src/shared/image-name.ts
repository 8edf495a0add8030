import type { AnnotatedItem, Media } from '@dsv/core'
import { extensionOf, isImagePath } from '../media/media-kind.ts'
import { safeMediaName } from './media-finder.ts'

/** Returns the item id for the name that an annotation file gives an image: without extension. */
export function idOfImage(name: string): string {
  const safe = safeMediaName(name)
  return isImagePath(safe) ? safe.slice(0, -extensionOf(safe).length - 1) : safe
}

/** Returns the name of the image of an item: its id, and the extension of its file. */
export function imageNameOf({ id }: Pick<AnnotatedItem, 'id'>, { path }: Media): string {
  const extension = extensionOf(path)
  const suffix = extension === '' ? '' : path.slice(-extension.length - 1)
  return safeMediaName(`${id}${suffix}`)
}

/** Returns an id that no item before had: `id`, or with a number behind it. Remembers it in `used`. */
export function freeId(id: string, used: Set<string>): string {
  let free = id
  for (let number = 2; used.has(free); number += 1) free = `${id}#${number}`
  used.add(free)
  return free
}

/**
 * Returns where the image called `name` goes: where it was, as long as annotations of that layout still
 * find it there, or else beside its annotations.
 */
export function imageTarget(
  name: string,
  { path }: Media,
  folder: string,
  isKept: boolean,
): string {
  const isFound = path === name || path.endsWith(`/${name}`)
  return isKept && isFound ? path : `${folder}${name}`
}
