import type { Folder } from '@dsv/core'
import type { IdColumn } from './id-column.ts'
import { imagePlaces } from './image-places.ts'
import type { CocoFileLayout, CocoId, CocoLayout, RecordOrder } from './layout.ts'
import type { SubsetPart, SubsetPlan } from './plan-subsets.ts'
import type { CocoCategories } from './read-categories.ts'
import type { RecordList } from './record-list.ts'

/** Images that are looked for to learn where those of a file are. */
const PLACE_SAMPLE = 8

/** Returns what has to be remembered to write the files as they were. */
export async function layoutOf(
  folder: Folder,
  plans: readonly SubsetPlan[],
  categories: CocoCategories,
): Promise<CocoLayout> {
  const files = new Map<string, CocoFileLayout>()
  for (const plan of plans) {
    for (const part of plan.parts) {
      files.set(part.index.file.path, await fileLayout(folder, plan, part, categories))
    }
  }
  return { version: 1, files: [...files.values()] }
}

async function fileLayout(
  folder: Folder,
  { itemIds }: SubsetPlan,
  { index, imageRow, layer }: SubsetPart,
  categories: CocoCategories,
): Promise<CocoFileLayout> {
  const { file, keys, style, images, annotations } = index
  const keysById = [...(categories.byFile.get(index) ?? [])]
  return {
    ...file,
    keys,
    style,
    imagePrefix: layer === undefined ? await imagePrefix(folder, index) : '',
    imageOrder: orderOf(images),
    annotationOrder: isGroupedByImage(index.imageRows) ? 'item' : orderOf(annotations),
    imageFields: images.fields,
    annotationFields: annotations.fields,
    categoryFields: [...new Set(index.categories.flatMap((category) => Object.keys(category)))],
    categories: keysById.map(([id, key]) => [key, id]),
    hasAllImages: itemIds.length > 0 && imageRow.every((row) => row >= 0),
  }
}

async function imagePrefix(
  folder: Folder,
  { file, fileNames }: SubsetPart['index'],
): Promise<string> {
  const places = await imagePlaces(folder, file)
  let prefix = (await places.find(fileNames[0] ?? '')).prefix
  for (const fileName of fileNames.slice(0, PLACE_SAMPLE)) {
    const place = await places.find(fileName)
    if (place.exists) return place.prefix
    prefix = place.prefix
  }
  return prefix
}

function orderOf({ ids }: RecordList): RecordOrder {
  let last: CocoId | undefined
  for (let row = 0; row < ids.length; row += 1) {
    const id = ids.at(row)
    if (id === undefined) continue
    if (last !== undefined && !isBefore(last, id)) return knownIds(ids)
    last = id
  }
  return 'id'
}

function knownIds(ids: IdColumn): readonly CocoId[] {
  const known: CocoId[] = []
  for (let row = 0; row < ids.length; row += 1) {
    const id = ids.at(row)
    if (id !== undefined) known.push(id)
  }
  return known
}

function isBefore(first: CocoId, second: CocoId): boolean {
  return typeof first === 'number' && typeof second === 'number' && first < second
}

function isGroupedByImage(imageRows: Int32Array): boolean {
  return imageRows.every((row, index) => index === 0 || (imageRows[index - 1] ?? 0) <= row)
}
