import type { AnnotatedItem, Item } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import type { YoloLayout, YoloSubset } from './layout.ts'
import { imageId } from './plan-items.ts'
import { isYoloImage, labelFolderOf, labelPathOf, withLabelExtension } from './yolo-image.ts'

/** Where an item is written. */
export interface ItemFiles {
  /** Where its image is, or would be. */
  readonly image: string
  readonly hasImage: boolean
  readonly label: string
  /** Whether another image may have the same label file, which only their extensions tell apart. */
  readonly sharesLabel: boolean
}

/** Returns where an item is written: where it was read from, when its subset is still there. */
export function itemFiles(item: Item, layout: YoloLayout): ItemFiles {
  const subset = layout.subsets.find(({ name }) => name === item.subset)
  const path = item.media[0]?.path
  const root = subset?.folders[0] ?? newFolderOf(item.subset, layout)
  const kept = path !== undefined && subset !== undefined && isAt(path, item, subset, layout)
  const extension = extensionOf(path ?? '')
  const image = kept ? path : joined(root, `${item.id}.${extension === '' ? 'jpg' : extension}`)
  const lonely = joined(labelFolderOf(root), `${item.id}.txt`)
  const beside = layout.isBeside ? withLabelExtension(image) : labelPathOf(image)
  const hasFolder = subset === undefined || subset.lists.length === 0
  return {
    image,
    hasImage: path !== undefined,
    label: path === undefined && hasFolder && !layout.isBeside ? lonely : beside,
    sharesLabel: kept && subset !== undefined && imageId(path, subset) === item.id,
  }
}

/** Returns the folder for the images of a subset that has none yet. */
export function newFolderOf(subset: string, { variant }: Pick<YoloLayout, 'variant'>): string {
  return variant === 'darknet' ? `obj_${subset}_data` : `images/${subset}`
}

/** Returns the lines that were kept because they could not be understood. */
export function keptLines(item: AnnotatedItem): readonly string[] {
  const extra = item.extra?.['yolo']
  if (typeof extra !== 'object' || extra === null || !('lines' in extra)) return []
  const { lines } = extra
  return Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : []
}

function isAt(path: string, item: Item, subset: YoloSubset, layout: YoloLayout): boolean {
  if (!isYoloImage(path)) return false
  const isBelow = subset.folders.some((root) => root === '' || path.startsWith(`${root}/`))
  const isListed = subset.lists.length > 0 && layout.keepsPaths
  if (!isBelow && !isListed) return false
  const id = imageId(path, subset)
  return id === item.id || id === `${item.id}.${path.slice(path.lastIndexOf('.') + 1)}`
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
