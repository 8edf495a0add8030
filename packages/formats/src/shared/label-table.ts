import type { Category, Folder, ReadContext } from '@dsv/core'
import { CITYSCAPES_LABELS, cityscapesCategories } from './cityscapes-labels.ts'
import { DATASET_META, type MetaLabel, parseDatasetMeta } from './dataset-meta.ts'
import { coloredCategories } from './label-colors.ts'
import { parseLabelColors } from './label-colors-file.ts'
import { skipOrThrow } from './skip-or-throw.ts'

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

/** Returns the classes of Cityscapes, as categories of a format. */
export function usualTable(format: string): LabelTable {
  const categories = cityscapesCategories(format)
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

/**
 * Reads the file of classes, `dataset_meta.json` or `label_colors.txt`; without it, or when it is left out
 * because of an error, the classes are those of Cityscapes.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readLabelTable(
  folder: Folder,
  path: string | undefined,
  format: string,
  context: ReadContext,
): Promise<LabelTable> {
  if (path === undefined) return usualTable(format)
  try {
    const bytes = await folder.read(path)
    if (path.endsWith(DATASET_META)) return ownTable(parseDatasetMeta(bytes, path))
    return ownTable(parseLabelColors(bytes, path).map((each, index) => ({ ...each, index })))
  } catch (error) {
    skipOrThrow(error, path, context)
    return usualTable(format)
  }
}
