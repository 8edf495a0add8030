import {
  type DatasetView,
  type Folder,
  type Item,
  type ItemEdit,
  type ItemKey,
  type ItemPatch,
  type ReadContext,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'
import { configFiles } from './find-config.ts'
import { itemFiles } from './item-files.ts'
import type { LabelWriting } from './label-text.ts'
import { layoutFromJson, type YoloLayout } from './layout.ts'
import { pathIndex } from './path-index.ts'
import { imageId, type PlannedItem, planItems } from './plan-items.ts'
import { readItems } from './read.ts'
import { listOf, writeItem } from './write.ts'
import { writeLayout } from './write-layout.ts'
import { isYoloImage, labelFolderOf } from './yolo-image.ts'

/** Re-reads the items whose image or label file changed; undefined when the configuration did. */
export async function readChangedYolo(
  folder: Folder,
  changed: readonly string[],
  before: DatasetView,
  context: ReadContext,
): Promise<ItemPatch | undefined> {
  const layout = layoutFromJson(before.layout)
  if (layout === undefined || layout.variant === 'ultralytics-classify') return undefined
  if (layout.subsets.some(isPlaceless)) return undefined
  const listed = new Set(layout.subsets.flatMap(({ lists }) => lists))
  if (configFiles(changed).length > 0 || changed.some((path) => listed.has(path))) return undefined
  const quiet = { signal: context.signal, onProblem: () => undefined }
  const planned = await planItems(folder, layout, pathIndex(await folder.list()), quiet)
  const byKey = new Map(planned.map((item) => [keyText(item), item]))
  const byImage = new Map(planned.map((item) => [item.image, item]))
  const touched = new Set(changed)
  const again = new Set(
    planned.filter(({ image, label }) => {
      return touched.has(image ?? '') || touched.has(label ?? '')
    }),
  )
  const removed = new Map<string, ItemKey>()
  for (const path of touched) {
    context.signal.throwIfAborted()
    if (isYoloImage(path) && (await hasTwin(path, layout, before, byImage))) return undefined
    for (const key of keysOf(path, layout)) {
      const now = byKey.get(keyText(key))
      if (now !== undefined) again.add(now)
      else if ((await before.item(key)) !== undefined) removed.set(keyText(key), key)
    }
  }
  const items = readItems(folder, again, layout, before.schema, context)
  return { items, removed: [...removed.values()] }
}

/** The configuration names a folder that was not there: where it is shows when there are files. */
function isPlaceless({ folders, lists }: YoloLayout['subsets'][number]): boolean {
  return folders.length + lists.length === 0
}

/** Ids with and without extension change when two images of one name come together or part. */
async function hasTwin(
  path: string,
  layout: YoloLayout,
  before: DatasetView,
  byImage: ReadonlyMap<string | undefined, PlannedItem>,
): Promise<boolean> {
  for (const subset of layout.subsets) {
    const id = imageId(path, subset)
    if (byImage.get(path)?.id === id) return true
    if ((await before.item({ subset: subset.name, id })) !== undefined) return true
    const was = await before.item({ subset: subset.name, id: withoutExtension(id) })
    const wasPath = was?.media[0]?.path
    if (wasPath === undefined || wasPath === path || !byImage.has(wasPath)) continue
    return isAt(path, subset.folders)
  }
  return false
}

function isAt(path: string, folders: readonly string[]): boolean {
  return folders.some((root) => root === '' || path.startsWith(`${root}/`))
}

/** The keys that an image or a label file at `path` may have had. */
function keysOf(path: string, layout: YoloLayout): readonly ItemKey[] {
  return layout.subsets.flatMap((subset) => {
    if (isYoloImage(path)) {
      return [{ subset: subset.name, id: withoutExtension(imageId(path, subset)) }]
    }
    if (extensionOf(path) !== 'txt') return []
    const asImage = `/${path}`.replace(/^(.*)\/labels\//, '$1/images/').slice(1)
    const roots = subset.folders.flatMap((root) => [labelFolderOf(root), root])
    const ids = [
      ...roots
        .filter((root) => path.startsWith(`${root}/`))
        .map((root) => path.slice(root.length + 1)),
      imageId(path, subset),
      imageId(asImage, subset),
    ]
    // A text file that lies elsewhere belongs to no image: it may be anybody's.
    const named = ids.map(withoutExtension).filter((id) => id !== '')
    return named.map((id) => ({ subset: subset.name, id }))
  })
}

/** Writes the label files and images of edited items; undefined when the configuration changes too. */
export async function writeChangedYolo(
  dataset: DatasetView,
  edits: readonly ItemEdit[],
  folder: WritableFolder,
  context: WriteContext,
): Promise<readonly string[] | undefined> {
  const own = layoutFromJson(dataset.layout)
  if (own === undefined || own.variant === 'ultralytics-classify') return undefined
  const plan = await writeLayout(dataset, context.variant)
  if (!plan.isOwn || plan.layout.subsets.length > own.subsets.length) return undefined
  if (plan.layout.classes.join('\n') !== own.classes.join('\n')) return undefined
  if (plan.layout.subsets.some(isPlaceless)) return undefined
  if (edits.some((edit) => changesLists(edit, own) || sharesLabel(edit, own))) return undefined
  const writing: LabelWriting = { ...plan, layer: context.layer, onLoss: context.onLoss }
  const kept = new Set<string>()
  const old = new Set<string>()
  for (const { before, after } of edits) {
    context.signal.throwIfAborted()
    if (before !== undefined) for (const path of pathsOf(before, own)) old.add(path)
    if (after === undefined) continue
    const files = await writeItem(after, writing, folder, new Map())
    if (files.hasImage) kept.add(files.image)
    if (files.hasLabel) kept.add(files.label)
  }
  return [...old].filter((path) => !kept.has(path))
}

function pathsOf(item: Item, layout: YoloLayout): readonly string[] {
  const { image, hasImage, label } = itemFiles(item, layout)
  return hasImage ? [image, label] : [label]
}

function changesLists({ before, after }: ItemEdit, layout: YoloLayout): boolean {
  const [was, is] = [before, after].map((item) => {
    if (item === undefined) return undefined
    const list = listOf({ ...item, layers: {} }, layout)
    return list === undefined ? undefined : `${list}\0${itemFiles(item, layout).image}`
  })
  return was !== is
}

function sharesLabel({ before, after }: ItemEdit, layout: YoloLayout): boolean {
  return [before, after].some((item) => item !== undefined && itemFiles(item, layout).sharesLabel)
}

function keyText({ subset, id }: ItemKey): string {
  return `${subset}\0${id}`
}
