import type {
  Annotation,
  AttributeValue,
  Category,
  CategoryKey,
  DatasetContent,
  DatasetView,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapAnnotations, mapItems } from '../map-items.ts'
import type { Step } from '../step.ts'
import { newCategories } from './new-categories.ts'

/**
 * Splits categories by the value of an attribute: a `Car` whose `Type` is `Van` becomes a `CarVan`. The attribute stays.
 * Goes over the dataset twice; memory grows with the number of different values only.
 */
export const categoryFromAttribute: Step = defineStep({
  name: 'category-from-attribute',
  summary: 'Add the value of an attribute to the name of the category',
  options: {
    attribute: { type: 'string', describe: 'The attribute', isRequired: true },
    separator: { type: 'string', describe: 'What stands between name and value; nothing' },
    replace: { type: 'boolean', describe: 'The value alone becomes the name' },
  },
  apply: async ([input], { attribute, separator = '', replace = false }) => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const names = new Map(view.schema.categories.map(({ key, name }) => [key, name]))
    const nameOf = ({ category = '', attributes }: Annotation): string | undefined => {
      const name = names.get(category)
      const value = textOf(attributes?.[attribute])
      if (name === undefined || value === undefined) return name
      return replace ? value : `${name}${separator}${value}`
    }
    return renamed(view, nameOf)
  },
})

function textOf(value: AttributeValue | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Gives annotations the categories that they are to be called by. */
async function renamed(
  view: DatasetView,
  nameOf: (annotation: Annotation) => string | undefined,
): Promise<DatasetContent> {
  const { schema } = view
  const wanted = await wantedNames(view, nameOf)
  const keys = new Map(schema.categories.map(({ key, name }) => [name, key]))
  const categories = schema.categories.flatMap((category): Category[] => {
    const names = wanted.get(category.key)
    if (names === undefined) return [category]
    const fresh = [...names].filter((name) => !keys.has(name)).toSorted()
    const added = newCategories({ categories: [...schema.categories, ...madeOf(keys)] }, fresh)
    for (const { key, name } of added) keys.set(name, key)
    const { sourceIds: _sourceIds, ...common } = category
    const made = added.map(({ key, name }) => ({ ...common, key, name }))
    return names.has(category.name) ? [category, ...made] : made
  })
  const isUsed = new Set([...wanted.values()].flatMap((names) => [...names]))
  const present = new Set(categories.map(({ key }) => key))
  // A name that another category had already, of which all annotations went elsewhere.
  const kept = schema.categories.filter(({ key, name }) => !present.has(key) && isUsed.has(name))
  return {
    schema: { ...schema, categories: [...categories, ...kept] },
    items: mapItems(view, (item) =>
      mapAnnotations(item, (annotation) => {
        const category = keys.get(nameOf(annotation) ?? '')
        return category === undefined || category === annotation.category
          ? annotation
          : { ...annotation, category }
      }),
    ),
  }
}

function madeOf(keys: ReadonlyMap<string, CategoryKey>): readonly Category[] {
  return [...keys].map(([name, key]) => ({ key, name }))
}

/** The names that annotations of each category are to have. */
async function wantedNames(
  view: DatasetView,
  nameOf: (annotation: Annotation) => string | undefined,
): Promise<ReadonlyMap<CategoryKey, ReadonlySet<string>>> {
  const wanted = new Map<CategoryKey, Set<string>>()
  for await (const { layers } of view.items())
    for (const annotation of Object.values(layers).flat()) {
      const name = nameOf(annotation)
      if (annotation.category === undefined || name === undefined) continue
      const names = wanted.get(annotation.category)
      if (names === undefined) wanted.set(annotation.category, new Set([name]))
      else names.add(name)
    }
  return wanted
}
