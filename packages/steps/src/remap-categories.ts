import type { Annotation, Category, CategoryKey, DatasetContent, Schema } from '@dsv/core'
import { defineStep } from './define-step.ts'
import { optionInvalid } from './errors.ts'
import { mapAnnotations, mapItems } from './map-items.ts'
import type { Step } from './step.ts'

/** Renames, joins and deletes categories. */
export const remapCategories: Step = defineStep({
  name: 'remap-categories',
  summary: 'Rename, join and delete categories',
  options: {
    to: {
      type: 'map',
      describe: 'The new name of each category; nothing deletes it and its annotations',
      isRequired: true,
    },
    others: {
      type: 'string',
      choices: ['keep', 'delete'],
      describe: 'What becomes of categories that are not named; keep by default',
    },
  },
  apply: async ([input], { to, others = 'keep' }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const names = new Map(Object.entries(to))
    const known = new Set(view.schema.categories.map(({ name }) => name))
    const unknown = [...names.keys()].find((name) => !known.has(name))
    if (unknown !== undefined)
      throw optionInvalid('remap-categories', 'to', `names no category: ${JSON.stringify(unknown)}`)
    const { schema, keyOf } = remapped(view.schema, (name) =>
      names.has(name) ? names.get(name) || undefined : others === 'keep' ? name : undefined,
    )
    const renamed = (annotation: Annotation): Annotation | undefined => {
      if (annotation.category === undefined) return annotation
      const category = keyOf.get(annotation.category)
      if (category === annotation.category) return annotation
      return category === undefined ? undefined : { ...annotation, category }
    }
    return { schema, items: mapItems(view, (item) => mapAnnotations(item, renamed)) }
  },
})

/**
 * Returns the schema with categories under their new names, and the new key of each that stays. The first of those
 * that get one name keeps its key and what else is known of it, one that has the name already before others.
 */
export function remapped(
  schema: Schema,
  newName: (name: string) => string | undefined,
): { readonly schema: Schema; readonly keyOf: ReadonlyMap<CategoryKey, CategoryKey> } {
  const heads = new Map<string, Category>()
  for (const category of schema.categories) {
    const name = newName(category.name)
    if (name === undefined) continue
    const head = heads.get(name)
    if (head === undefined || (head.name !== name && category.name === name))
      heads.set(name, category)
  }
  const keyOf = new Map<CategoryKey, CategoryKey>()
  for (const { key, name } of schema.categories) {
    const head = heads.get(newName(name) ?? '')
    if (newName(name) !== undefined && head !== undefined) keyOf.set(key, head.key)
  }
  const kept = new Set([...heads.values()].map(({ key }) => key))
  const categories = schema.categories
    .filter(({ key }) => kept.has(key))
    .map(({ parent, ...category }): Category => {
      const above = parent === undefined ? undefined : keyOf.get(parent)
      const isAbove = above !== undefined && above !== category.key
      return {
        ...category,
        name: newName(category.name) ?? category.name,
        ...(isAbove && { parent: above }),
      }
    })
  return { schema: { ...schema, categories }, keyOf }
}
