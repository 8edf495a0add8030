import type { Category, Json, Loss, Schema } from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { type CocoFileLayout, type CocoId, isId } from './layout.ts'
import { setOwn } from './read-annotation.ts'
import { orderFields } from './write-annotation.ts'

/** The categories of one file as they are written. */
export interface FileCategories {
  readonly ids: ReadonlyMap<string, CocoId>
  readonly records: readonly JsonObject[]
  /** The `category_id` of an annotation without category: an id that no category has. */
  readonly none: CocoId
}

/**
 * Returns the categories of a file: those it had keep id and place, others keep the id they have in
 * COCO elsewhere when it is free, else get the next one.
 */
export function fileCategories(schema: Schema, layout: CocoFileLayout | undefined): FileCategories {
  const byKey = new Map(schema.categories.map((category) => [category.key, category]))
  const ids = new Map<string, CocoId>()
  const used = new Set<CocoId>()
  const assign = (key: string, id: CocoId): void => {
    if (ids.has(key) || used.has(id)) return
    ids.set(key, id)
    used.add(id)
  }
  for (const [key, id] of layout?.categories ?? []) if (byKey.has(key)) assign(key, id)
  const known = ids.size
  for (const { key, sourceIds } of schema.categories) {
    const id = sourceIds?.['coco']
    if (isId(id)) assign(key, id)
  }
  let next = 1
  for (const id of used) if (typeof id === 'number' && id >= next) next = Math.floor(id) + 1
  for (const { key } of schema.categories) {
    if (!ids.has(key)) {
      assign(key, next)
      next += 1
    }
  }
  const inFile = [...ids.keys()].slice(0, known)
  const others = schema.categories.map(({ key }) => key).filter((key) => !inFile.includes(key))
  const records = [...inFile, ...others].flatMap((key) => {
    const [category, id] = [byKey.get(key), ids.get(key)]
    if (category === undefined || id === undefined) return []
    return [orderFields(categoryRecord(category, id), layout?.categoryFields ?? [])]
  })
  return { ids, records, none: used.has(0) ? -1 : 0 }
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
