import type { DatasetView, ItemEdit, Json, WritableFolder, WriteContext } from '@dsv/core'
import { decideByFolders } from '../shared/class-folders.ts'
import {
  classNames,
  folderStyle,
  type FolderStyle,
  imagePath,
  placeItem,
  reportedLabel,
  reportSubsets,
  writeClassFolders,
} from '../shared/write-class-folders.ts'
import { styleFromJson } from './layout.ts'

/** Puts images into folders: of subsets, and in `classes` of what their label says. */
export async function writeImageFolder(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const style = styleFor(dataset, context.variant)
  for (const format of Object.keys(dataset.schema.info)) {
    context.onLoss({ what: `info: ${format}`, where: format })
  }
  if (style.variant === 'classes') return { ...(await writeClassFolders(dataset, folder, context)) }
  reportSubsets(dataset, style, context.onLoss)
  for (const { name } of dataset.schema.categories)
    context.onLoss({ what: 'category', where: name })
  const folders = new Map<string, number>()
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    for (const { type } of item.layers[context.layer] ?? []) {
      context.onLoss({ what: `annotation: ${type}`, where: `${item.subset}/${item.id}` })
    }
    const path = imagePath(item, undefined, style)
    await placeItem(item, path, folder, context)
    const inside = folderBelow(path, style)
    folders.set(inside, (folders.get(inside) ?? 0) + 1)
  }
  // Plain folders can look like classes to whoever reads them, us too.
  const { variant, reason } = decideByFolders(folders, style.hasSubsets)
  if (variant === 'classes') context.onLoss({ what: 'item', where: reason })
  return { ...style }
}

function folderBelow(path: string, { hasSubsets }: FolderStyle): string {
  const start = hasSubsets ? path.indexOf('/') + 1 : 0
  return path.slice(start, Math.max(start, path.lastIndexOf('/')))
}

/** Moves, adds and removes the images of edited items. */
export async function writeChangedImageFolder(
  dataset: DatasetView,
  edits: readonly ItemEdit[],
  folder: WritableFolder,
  context: WriteContext,
): Promise<readonly string[] | undefined> {
  const own = styleFromJson(dataset.layout)
  const style = styleFor(dataset, context.variant)
  if (own?.variant !== style.variant || own.hasSubsets !== style.hasSubsets) return undefined
  const names = classNames(dataset)
  const kept = new Set<string>()
  const old = new Set<string>()
  for (const { before, after } of edits) {
    context.signal.throwIfAborted()
    // What the labels were is only known by where the image is.
    const was = before?.media[0]?.path
    if (was !== undefined) old.add(was)
    if (after === undefined) continue
    const label = style.variant === 'plain' ? undefined : reportedLabel(after, names, context)
    const path = imagePath(after, label, style)
    await placeItem(after, path, folder, context)
    if (after.media.length > 0) kept.add(path)
  }
  return [...old].filter((path) => !kept.has(path))
}

function styleFor(dataset: DatasetView, variant: string | undefined): FolderStyle {
  const own = styleFromJson(dataset.layout)
  if (own !== undefined && (variant ?? own.variant) === own.variant) {
    const needsSubsets = dataset.subsets.some((name) => name !== 'default')
    return { variant: own.variant, hasSubsets: own.hasSubsets || needsSubsets }
  }
  return folderStyle(dataset, variant === 'classes' ? 'classes' : 'plain')
}
