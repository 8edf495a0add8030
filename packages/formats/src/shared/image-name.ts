import type { AdapterContext, AnnotatedItem, Json, Media } from '@dsv/core'
import { extensionOf, isImagePath } from '../media/media-kind.ts'
import { safeMediaName } from './media-finder.ts'

/** Returns the item id for the name that an annotation file gives an image: without extension. */
export function idOfImage(name: string): string {
  const safe = safeMediaName(name)
  return isImagePath(safe) ? safe.slice(0, -extensionOf(safe).length - 1) : safe
}

/** Returns the name of the image of an item: its id, and the extension of its file. */
function imageNameOf({ id }: Pick<AnnotatedItem, 'id'>, { path }: Pick<Media, 'path'>): string {
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

/** Returns the name of an image as its annotations had it, where that is not what its id gives. */
export function nameToKeep(image: string, id: string, path: string): string | undefined {
  return imageNameOf({ id }, { path }) === image ? undefined : image
}

/**
 * Returns the name of the image of an item: the one that was kept, as long as it is that of the item, or
 * its id and extension. Reports an id that cannot be a path.
 */
export function writtenImageName(
  item: AnnotatedItem,
  medium: Media,
  kept: Json | undefined,
  onLoss: AdapterContext['onLoss'],
): string {
  if (typeof kept === 'string') {
    const id = idOfImage(kept)
    const isSame = item.id.startsWith(id) && /^(?:#\d+)?$/u.test(item.id.slice(id.length))
    if (isSame) return kept
  }
  const name = imageNameOf(item, medium)
  const where = `${item.subset}/${item.id}`
  if (idOfImage(name) !== item.id) onLoss({ what: 'item', where: `${where}: it becomes ${name}` })
  return name
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
  const safe = safeMediaName(name)
  const isFound = path === safe || path.endsWith(`/${safe}`)
  return isKept && isFound ? path : `${folder}${safe}`
}
