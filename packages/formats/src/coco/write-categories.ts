import type { Category, Json, Loss, Schema } from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { type CocoFileLayout, type CocoId, isId } from './layout.ts'
import { setOwn } from './read-annotation.ts'
import { orderFields } from './write-annotation.ts'

/** The categories of one file as they are written. */
export interface FileCategories {
  /** Ids of all categories, also of those that the file does not list. */
  readonly ids: ReadonlyMap<string, CocoId>
  /** Keys of those that the file lists, used or not. */
  readonly listed: ReadonlySet<string>
  /** The `category_id` of an annotation without category: an id that no category has. */
  readonly none: CocoId
}

/**
 * Returns the categories of a file. Those it had keep id and place; others keep the id they have in
 * COCO elsewhere when it is free, else get the next one. It lists those it had and those that no file
 * (of `before`) has yet.
 */
export function fileCategories(
  schema: Schema,
  layout: CocoFileLayout | undefined,
  before: readonly CocoFileLayout[],
): FileCategories {
  const ids = new Map<string, CocoId>()
  const used = new Set<CocoId>()
  const assign = (key: string, id: CocoId): void => {
    if (ids.has(key) || used.has(id)) return
    ids.set(key, id)
    used.add(id)
  }
  const known = new Set(schema.categories.map(({ key }) => key))
  for (const [key, id] of layout?.categories ?? []) {
    const lasting = lastingKey(schema, key, id)
    if (lasting !== undefined) assign(lasting, id)
  }
  const had = [...ids.keys()]
  for (const { key, sourceIds } of schema.categories) {
    const id = sourceIds?.['coco']
    if (isId(id)) assign(key, id)
  }
  let next = 1
  for (const id of used) if (typeof id === 'number' && id >= next) next = Math.floor(id) + 1
  for (const { key } of schema.categories) {
    if (ids.has(key)) continue
    assign(key, next)
    next += 1
  }
  const elsewhere = new Set(
    before.flatMap(({ categories }) => categories.map(([key, id]) => lastingKey(schema, key, id))),
  )
  const isWithout = layout !== undefined && had.length === 0
  const added = isWithout
    ? []
    : [...known].filter((key) => layout === undefined || !elsewhere.has(key))
  return { ids, listed: new Set([...had, ...added]), none: used.has(0) ? -1 : 0 }
}

/**
 * A layout names categories as they were when the file was read. One that was renamed there has kept
 * the key it had before, and is found by its id.
 */
function lastingKey({ categories }: Schema, key: string, id: CocoId): string | undefined {
  const hasId = ({ sourceIds }: Category): boolean => sourceIds?.['coco'] === id
  const named = categories.find((category) => category.key === key)
  if (named !== undefined && hasId(named)) return key
  return (categories.find(hasId) ?? named)?.key
}

/** Returns the records of the categories that a file lists or uses. */
export function categoryRecords(
  schema: Schema,
  { ids, listed }: FileCategories,
  usedKeys: ReadonlySet<string>,
  fields: readonly string[],
): readonly JsonObject[] {
  const byKey = new Map(schema.categories.map((category) => [category.key, category]))
  return [...new Set([...listed, ...usedKeys])].flatMap((key) => {
    const [category, id] = [byKey.get(key), ids.get(key)]
    if (category === undefined || id === undefined) return []
    return [orderFields(categoryRecord(category, id), fields)]
  })
}

function categoryRecord(category: Category, id: CocoId): JsonObject {
  const { name, supercategory, color, skeleton, isThing, extra } = category
  const record: Record<string, Json> = { id, name }
  if (supercategory !== undefined) record['supercategory'] = supercategory
  if (isThing !== undefined) record['isthing'] = isThing ? 1 : 0
  if (color !== undefined) record['color'] = color
  if (skeleton !== undefined) {
    record['keypoints'] = skeleton.points
    record['skeleton'] = skeleton.edges.map(([from, to]) => [from + 1, to + 1])
    if (skeleton.sigmas !== undefined) record['sigmas'] = skeleton.sigmas
  }
  const coco = extra?.['coco']
  for (const [key, value] of Object.entries(isObject(coco) ? coco : {})) setOwn(record, key, value)
  return record
}

/** Reports what COCO's categories cannot say. */
export function reportCategoryLosses(schema: Schema, onLoss: (loss: Loss) => void): void {
  for (const { name, parent, attributes } of schema.categories) {
    if (parent !== undefined) onLoss({ what: 'category field: parent', where: name })
    if (attributes !== undefined) onLoss({ what: 'category field: attributes', where: name })
  }
  for (const { name } of schema.attributes) onLoss({ what: 'attribute definition', where: name })
}

/** Reports categories that no file lists, since files of captions list only those that captions have. */
export function reportUnlistedCategories(
  { categories }: Schema,
  files: readonly CocoFileLayout[],
  onLoss: (loss: Loss) => void,
): void {
  if (!files.some(({ task }) => task === 'captions')) return
  const listed = new Set(files.flatMap((file) => file.categories.map(([key]) => key)))
  for (const { key, name } of categories) {
    if (!listed.has(key)) onLoss({ what: 'category', where: name })
  }
}
