import type { DatasetStream, DatasetView, Folder, ItemKey, ItemPatch, ReadContext } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { planClassFolders, readClassFolders } from '../shared/class-folders.ts'
import { styleFromJson } from './layout.ts'

/** Reads a folder of images; whether its folders are classes is decided from their names. */
export async function readImageFolder(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const plan = planClassFolders(await folder.list())
  const layout = { variant: plan.variant, hasSubsets: plan.subsets.length > 0 }
  return { layout, ...readClassFolders(plan, context) }
}

/** Re-reads changed images; undefined when that changes the classes, or the ids of other images. */
export async function readChangedImageFolder(
  folder: Folder,
  changed: readonly string[],
  before: DatasetView,
  context: ReadContext,
): Promise<ItemPatch | undefined> {
  const style = styleFromJson(before.layout)
  const plan = planClassFolders(await folder.list())
  const isSame = style?.variant === plan.variant && style.hasSubsets === plan.subsets.length > 0
  const known = before.schema.categories.map(({ name }) => name)
  if (!isSame || known.join('\n') !== plan.classes.join('\n')) return undefined
  const images = changed.filter(isImagePath)
  const touched = new Set(images)
  const planned = new Map(plan.images.map((image) => [`${image.subset}\0${image.id}`, image]))
  const again = plan.images.filter(({ path }) => touched.has(path))
  const removed: ItemKey[] = []
  const gone = new Set(images)
  for (const { path } of again) gone.delete(path)
  const seen = new Set<string>()
  for await (const { subset, id, media } of before.items()) {
    const path = media[0]?.path ?? ''
    seen.add(path)
    const now = planned.get(`${subset}\0${id}`)
    if (gone.has(path) && now === undefined) removed.push({ subset, id })
    // An image that did not change has another id now, since a namesake came or went.
    else if (!touched.has(path) && now?.path !== path) return undefined
  }
  const isComplete = plan.images.every(({ path }) => touched.has(path) || seen.has(path))
  if (!isComplete) return undefined
  return { items: readClassFolders({ ...plan, images: again }, context).items, removed }
}
