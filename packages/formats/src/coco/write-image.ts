import { type AnnotatedItem, type Json, type Loss, type Media, primaryMedium } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeName } from './image-places.ts'
import type { CocoId } from './layout.ts'
import { itemIdOf } from './plan-subsets.ts'
import { setOwn } from './read-annotation.ts'

/** Where the image of an item goes and what it is called in the file. */
export interface ImageTarget {
  readonly fileName: string
  readonly path: string
  readonly medium: Media | undefined
}

/**
 * Returns where the image of an item goes: where it was when that is below the prefix of the file and
 * gives the item its id, else under its id there.
 */
export function imageTarget(item: AnnotatedItem, prefix: string, isKept: boolean): ImageTarget {
  const medium = primaryMedium(item)
  if (isKept && medium !== undefined) {
    const odd = cocoOf(item)['file_name']
    if (typeof odd === 'string' && isNameOf(item.id, safeName(odd)))
      return { fileName: odd, path: medium.path, medium }
    const fileName = medium.path.slice(prefix.length)
    const isKeptName = medium.path.startsWith(prefix) && safeName(fileName) === fileName
    if (isKeptName && isNameOf(item.id, fileName)) return { fileName, path: medium.path, medium }
  }
  const fileName = fileNameOf(item.id, medium)
  return { fileName, path: prefix + fileName, medium }
}

/** Whether a name gives an item its id, which has a number behind it where several had that name. */
function isNameOf(itemId: string, fileName: string): boolean {
  return [itemIdOf(fileName), fileName].some(
    (name) => itemId === name || itemId.startsWith(`${name}#`),
  )
}

function fileNameOf(itemId: string, medium: Media | undefined): string {
  const extension = medium === undefined ? '' : extensionOf(medium.path)
  const suffix = extension === '' ? '' : medium?.path.slice(-extension.length - 1)
  const name = safeName(itemId + suffix)
  return itemIdOf(name) === itemId ? name : `${safeName(itemId)}.jpg`
}

/** Returns the record of an image. */
export function imageRecord(
  item: AnnotatedItem,
  id: CocoId,
  { fileName, medium }: ImageTarget,
  onLoss: (loss: Loss) => void,
): JsonObject {
  const record: Record<string, Json> = { id, file_name: fileName }
  if (medium?.width !== undefined) record['width'] = medium.width
  if (medium?.height !== undefined) record['height'] = medium.height
  for (const [key, value] of Object.entries(cocoOf(item))) {
    if (key !== 'id' && key !== 'file_name') setOwn(record, key, value)
  }
  const where = `${item.subset}/${item.id}`
  const dsv: Record<string, Json> = {}
  if (item.attributes !== undefined) dsv['attributes'] = item.attributes
  if (item.tags !== undefined) dsv['tags'] = item.tags
  if (Object.keys(dsv).length > 0) record['dsv'] = dsv
  if (item.media.length > 1) onLoss({ what: 'field: media', where })
  if (itemIdOf(fileName) !== item.id && cocoOf(item)['id'] === undefined) {
    onLoss({ what: 'item', where })
  }
  for (const format of Object.keys(item.extra ?? {})) {
    if (format !== 'coco') onLoss({ what: `extra: ${format}`, where })
  }
  return record
}

/** Returns what COCO files said about an item beyond the model. */
export function cocoOf({ extra }: Pick<AnnotatedItem, 'extra'>): JsonObject {
  const coco = extra?.['coco']
  return isObject(coco) ? coco : {}
}
