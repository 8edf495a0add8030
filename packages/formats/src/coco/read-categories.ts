import type { Category, Json, ReadContext, Skeleton } from '@dsv/core'
import { isArray, isNumbers, isObject, type JsonObject } from '../shared/json-reader.ts'
import type { CocoIndex } from './index-file.ts'
import { type CocoId, isId } from './layout.ts'

/** The categories of all files, and what each file calls them. */
export interface CocoCategories {
  readonly categories: readonly Category[]
  /** By file: the keys of the categories by id. */
  readonly byFile: ReadonlyMap<CocoIndex, ReadonlyMap<CocoId, string>>
}

/**
 * Merges the categories of several files: equal names are one category, except within one file, where
 * each further one gets a key of its own.
 */
export function readCategories(
  indexes: readonly CocoIndex[],
  context: ReadContext,
): CocoCategories {
  const merged = new Map<string, Category>()
  const byFile = new Map<CocoIndex, ReadonlyMap<CocoId, string>>()
  for (const index of indexes) {
    const keys = new Map<CocoId, string>()
    const taken = new Set<string>()
    for (const record of index.categories) {
      const { id, name } = record
      if (!isId(id) || typeof name !== 'string') continue
      if (keys.has(id)) {
        context.onLoss({
          what: 'category',
          where: `${index.file.path}: id ${id} for a second time`,
        })
        continue
      }
      const key = freeKey(name, taken)
      taken.add(key)
      keys.set(id, key)
      merged.set(key, mergeCategory(merged.get(key), readCategory(record, key, id, name)))
    }
    byFile.set(index, keys)
  }
  return { categories: [...merged.values()], byFile }
}

function freeKey(name: string, taken: ReadonlySet<string>): string {
  let key = name
  for (let count = 2; taken.has(key); count += 1) key = `${name} (${count})`
  return key
}

/** The first file that says something about a category is believed. */
function mergeCategory(first: Category | undefined, second: Category): Category {
  if (first === undefined) return second
  const extra = { coco: { ...cocoExtra(second), ...cocoExtra(first) } }
  return {
    ...second,
    ...first,
    ...(Object.keys(extra.coco).length > 0 ? { extra } : {}),
  }
}

function cocoExtra({ extra }: Category): JsonObject {
  const coco = extra?.['coco']
  return isObject(coco) ? coco : {}
}

function readCategory(record: JsonObject, key: string, id: CocoId, name: string): Category {
  const { id: _id, name: _name, supercategory, isthing, color, keypoints, ...others } = record
  const skeleton = readSkeleton(keypoints, others['skeleton'], others['sigmas'])
  const known = new Set(skeleton === undefined ? [] : ['skeleton', 'sigmas'])
  const rest: Record<string, Json> = {}
  for (const [field, value] of Object.entries(others)) {
    if (!known.has(field)) Object.defineProperty(rest, field, ownValue(value))
  }
  if (supercategory !== undefined && typeof supercategory !== 'string') {
    rest['supercategory'] = supercategory
  }
  const isThing = isthing === 1 || isthing === 0
  if (isthing !== undefined && !isThing) rest['isthing'] = isthing
  const rgb = readColor(color)
  if (color !== undefined && rgb === undefined) rest['color'] = color
  if (keypoints !== undefined && skeleton === undefined) rest['keypoints'] = keypoints
  return {
    key,
    name,
    ...(typeof supercategory === 'string' ? { supercategory } : {}),
    ...(rgb === undefined ? {} : { color: rgb }),
    sourceIds: { coco: id },
    ...(skeleton === undefined ? {} : { skeleton }),
    ...(isThing ? { isThing: isthing === 1 } : {}),
    ...(Object.keys(rest).length > 0 ? { extra: { coco: rest } } : {}),
  }
}

/** A member that is safe under any name, `__proto__` included. */
function ownValue(value: Json): PropertyDescriptor {
  return { value, enumerable: true, writable: true, configurable: true }
}

function readColor(color: Json | undefined): readonly [number, number, number] | undefined {
  if (!isNumbers(color) || color.length !== 3) return undefined
  const [red, green, blue] = color
  if (red === undefined || green === undefined || blue === undefined) return undefined
  return [red, green, blue].every((part) => Number.isInteger(part) && part >= 0 && part <= 255)
    ? [red, green, blue]
    : undefined
}

/** COCO counts the points of edges from 1. */
function readSkeleton(
  keypoints: Json | undefined,
  edges: Json | undefined,
  sigmas: Json | undefined,
): Skeleton | undefined {
  if (!isArray(keypoints)) return undefined
  const points = keypoints.filter((name): name is string => typeof name === 'string')
  if (points.length !== keypoints.length) return undefined
  const pairs: (readonly [number, number])[] = []
  for (const edge of isArray(edges) ? edges : []) {
    const [from, to]: readonly (Json | undefined)[] = isArray(edge) ? edge : []
    if (typeof from !== 'number' || typeof to !== 'number') return undefined
    pairs.push([from - 1, to - 1])
  }
  if (edges !== undefined && !isArray(edges)) return undefined
  if (sigmas !== undefined && !isNumbers(sigmas)) return undefined
  return { points, edges: pairs, ...(sigmas === undefined ? {} : { sigmas }) }
}
