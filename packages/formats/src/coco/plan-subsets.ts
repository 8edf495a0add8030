import type { ReadContext } from '@dsv/core'
import { isImagePath, isVideoPath, withoutExtension } from '../media/media-kind.ts'
import { compareText } from '../shared/compare-text.ts'
import { type GroupedRows, groupRows } from './group-rows.ts'
import { safeName } from './image-places.ts'
import type { CocoIndex } from './index-file.ts'
import type { CocoId } from './layout.ts'

/** One file's part in a subset. */
export interface SubsetPart {
  readonly index: CocoIndex
  /** The row of the image of each item; -1 where the file does not list it. */
  readonly imageRow: Int32Array
  /** Rows of annotations by item. */
  readonly annotations: GroupedRows
  /** The layer that the annotations go to, when it is not the ground truth. */
  readonly layer: string | undefined
}

/** The items of one subset and all files that say something about them. */
export interface SubsetPlan {
  readonly subset: string
  readonly itemIds: readonly string[]
  readonly parts: readonly SubsetPart[]
}

/** Joins the files of each subset by image; results are joined to the subset that has their images. */
export function planSubsets(
  indexes: readonly CocoIndex[],
  context: ReadContext,
): readonly SubsetPlan[] {
  const bySubset = new Map<string, CocoIndex[]>()
  for (const index of indexes) {
    if (index.file.task === 'results') continue
    const { subset } = index.file
    bySubset.set(subset, [...(bySubset.get(subset) ?? []), index])
  }
  const plans = [...bySubset]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([subset, files]) => planSubset(subset, files))
  const results = indexes.filter(({ file }) => file.task === 'results')
  if (results.length === 0) return plans
  const open = plans.map((plan) => ({
    ...plan,
    parts: [...plan.parts],
    itemOfImage: itemsById(plan),
  }))
  for (const index of results) addResults(open, index, context)
  return open
}

/** A plan that results are added to. */
interface OpenPlan extends SubsetPlan {
  readonly parts: SubsetPart[]
  /** The item of each image id. */
  readonly itemOfImage: ReadonlyMap<CocoId, number>
}

function itemsById({ parts }: SubsetPlan): ReadonlyMap<CocoId, number> {
  const items = new Map<CocoId, number>()
  for (const { index, imageRow } of parts) {
    for (const [item, row] of imageRow.entries()) {
      const id = index.images.ids.at(row)
      if (id !== undefined && !items.has(id)) items.set(id, item)
    }
  }
  return items
}

function planSubset(subset: string, indexes: readonly CocoIndex[]): SubsetPlan {
  const items = new Map<string, number>()
  const itemRows = indexes.map((index) => itemsOfImages(index, items))
  const parts = indexes.map((index, file) => {
    const itemOfRow = itemRows[file] ?? new Int32Array(0)
    const imageRow = new Int32Array(items.size).fill(-1)
    for (const [row, item] of itemOfRow.entries()) imageRow[item] = row
    const groups = index.imageRows.map((row) => (row < 0 ? -1 : (itemOfRow[row] ?? -1)))
    return { index, imageRow, annotations: groupRows(groups, items.size), layer: undefined }
  })
  return { subset, itemIds: [...items.keys()], parts }
}

/** The item of each image of a file; images of equal name in one file are different items. */
function itemsOfImages({ images, fileNames }: CocoIndex, items: Map<string, number>): Int32Array {
  const itemOfRow = new Int32Array(fileNames.length)
  const seen = new Set<string>()
  for (const [row, fileName] of fileNames.entries()) {
    const imageId = images.ids.at(row)
    const itemId = freeItemId(fileName, imageId, seen)
    seen.add(itemId)
    const item = items.get(itemId) ?? items.size
    items.set(itemId, item)
    itemOfRow[row] = item
  }
  return itemOfRow
}

/** Returns the id of the item that an image of this name is. */
export function itemIdOf(fileName: string): string {
  const name = safeName(fileName)
  return isImagePath(name) || isVideoPath(name) ? withoutExtension(name) : name
}

function freeItemId(
  fileName: string,
  imageId: CocoId | undefined,
  seen: ReadonlySet<string>,
): string {
  const itemId = itemIdOf(fileName)
  if (!seen.has(itemId)) return itemId
  const name = safeName(fileName)
  if (!seen.has(name)) return name
  let numbered = `${name}#${imageId ?? ''}`
  while (seen.has(numbered)) numbered += '+'
  return numbered
}

function addResults(plans: readonly OpenPlan[], index: CocoIndex, context: ReadContext): void {
  const { imageIds } = index
  const layer = resultsLayer(index.file.path)
  const ordered = plans.toSorted(
    (a, b) => Number(b.subset === index.file.subset) - Number(a.subset === index.file.subset),
  )
  const groups = new Map<OpenPlan, Int32Array>()
  let unknown = 0
  for (let row = 0; row < imageIds.length; row += 1) {
    const imageId = imageIds.at(row)
    const plan = ordered.find(
      ({ itemOfImage }) => imageId !== undefined && itemOfImage.has(imageId),
    )
    if (plan === undefined || imageId === undefined) {
      unknown += 1
      continue
    }
    let rows = groups.get(plan)
    if (rows === undefined) groups.set(plan, (rows = new Int32Array(imageIds.length).fill(-1)))
    rows[row] = plan.itemOfImage.get(imageId) ?? -1
  }
  for (let count = 0; count < unknown; count += 1) {
    context.onLoss({ what: 'annotation of an unknown image', where: index.file.path })
  }
  for (const [plan, rows] of groups) {
    const { length } = plan.itemIds
    const annotations = groupRows(rows, length)
    plan.parts.push({ index, imageRow: new Int32Array(length).fill(-1), annotations, layer })
  }
}

/** Returns the layer that a file of results is. */
export function resultsLayer(path: string): string {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/i, '')
  return `predictions/${stem}`
}
