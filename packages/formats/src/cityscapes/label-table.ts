import type { Category } from '@dsv/core'
import { CITYSCAPES_LABELS, cityscapesCategories } from '../shared/cityscapes-labels.ts'
import type { MetaLabel } from '../shared/dataset-meta.ts'
import { coloredCategories } from '../shared/label-colors.ts'

/** Classes and the values of their pixels. */
export interface LabelTable {
  readonly categories: readonly Category[]
  /** Categories by value; those that say that a pixel has no class are undefined. */
  readonly byId: ReadonlyMap<number, Category | undefined>
  readonly idOf: ReadonlyMap<string, number>
  /** The same for training. */
  readonly byTrainId: ReadonlyMap<number, Category | undefined>
  readonly trainIdOf: ReadonlyMap<string, number>
}

/** The value of pixels that are left out of training. */
export const IGNORED_TRAIN_ID = 255

/** Returns the usual classes. */
export function usualTable(): LabelTable {
  const categories = cityscapesCategories('cityscapes')
  const byName = new Map(categories.map((category) => [category.name, category]))
  const ids: [number, Category][] = []
  const trainIds: [number, Category][] = []
  for (const { name, id, trainId } of CITYSCAPES_LABELS) {
    const category = byName.get(name)
    if (category === undefined) continue
    if (id > 0) ids.push([id, category])
    if (trainId !== undefined) trainIds.push([trainId, category])
  }
  // Datumaro gives license plates the next value, and what is not trained the last.
  const plate = byName.get('license plate')
  return {
    categories,
    byId: new Map<number, Category | undefined>([[0, undefined], [34, plate], ...ids]),
    idOf: new Map(ids.map(([id, { key }]) => [key, id])),
    byTrainId: new Map<number, Category | undefined>([
      ...trainIds,
      [trainIds.length, undefined],
      [IGNORED_TRAIN_ID, undefined],
    ]),
    trainIdOf: new Map(trainIds.map(([id, { key }]) => [key, id])),
  }
}

/** Returns classes of a file; a black one with value 0 says that a pixel has no class. */
export function ownTable(labels: readonly MetaLabel[]): LabelTable {
  const categories = coloredCategories(labels)
  const entries = categories.map((category, position) => {
    return [labels[position]?.index ?? position, category] as const
  })
  const isNone = (id: number, { color }: Category): boolean => id === 0 && color?.join() === '0,0,0'
  const byId = new Map(entries.map(([id, each]) => [id, isNone(id, each) ? undefined : each]))
  const drawn = entries.filter(([id, each]) => !isNone(id, each))
  const idOf = new Map(drawn.map(([id, { key }]) => [key, id]))
  const byTrainId = new Map([[IGNORED_TRAIN_ID, undefined], ...byId])
  return { categories, byId, idOf, byTrainId, trainIdOf: idOf }
}
