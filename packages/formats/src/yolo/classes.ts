import type { Category, Schema } from '@dsv/core'
import type { YoloConfig } from './yolo-config.ts'

/** Returns the categories of a configuration, in the order of their indexes. */
export function categoriesOf(config: YoloConfig): readonly Category[] {
  const keys = new Set<string>()
  const indexes = [...config.classes.keys()].toSorted((a, b) => a - b)
  return indexes.map((index) => {
    const name = config.classes.get(index) ?? ''
    const points = config.keypointNames?.get(index)
    return {
      key: freeKey(name, index, keys),
      name,
      sourceIds: { yolo: index },
      ...(points && { skeleton: { points, edges: [] } }),
    }
  })
}

function freeKey(name: string, index: number, taken: Set<string>): string {
  let key = name === '' ? `class_${index}` : name
  while (taken.has(key)) key = `${key}#${index}`
  taken.add(key)
  return key
}

/** Returns keys of categories by the index that YOLO files know them by. */
export function keysByIndex(schema: Schema): ReadonlyMap<number, string> {
  const keys = new Map<number, string>()
  for (const { key, sourceIds } of schema.categories) {
    const index = sourceIds?.['yolo']
    if (typeof index === 'number' && !keys.has(index)) keys.set(index, key)
  }
  return keys
}

/**
 * Returns the index of each category by key. Those that a YOLO dataset gave are kept, gaps included,
 * when `keepsIndexes`; else categories are counted from 0, in that order. New ones come last.
 */
export function indexesByKey(schema: Schema, keepsIndexes: boolean): ReadonlyMap<string, number> {
  const known = [...keysByIndex(schema)].toSorted(([a], [b]) => a - b)
  const indexes = new Map<string, number>()
  for (const [index, key] of known) indexes.set(key, keepsIndexes ? index : indexes.size)
  let next = keepsIndexes ? (known.at(-1)?.[0] ?? -1) + 1 : indexes.size
  for (const { key } of schema.categories) {
    if (indexes.has(key)) continue
    indexes.set(key, next)
    next += 1
  }
  return indexes
}

/** Returns the classes as a layout remembers them. */
export function classLines(
  schema: Schema,
  indexes: ReadonlyMap<string, number>,
): readonly string[] {
  return schema.categories
    .map(({ key, name }) => [indexes.get(key) ?? -1, name] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([index, name]) => `${index} ${name}`)
}
