import type {
  Annotation,
  AttributeDefinition,
  Category,
  CategoryKey,
  DatasetContent,
  Schema,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { unknownName } from '../errors.ts'
import { mapAnnotations, mapItems } from '../map-items.ts'
import type { Step, StepContext } from '../step.ts'

/** Renames, joins and deletes categories. */
export const remapCategories: Step = defineStep({
  name: 'remap-categories',
  summary: 'Rename, join and delete categories',
  isItemwise: true,
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
  apply: async ([input], { to, others = 'keep' }, { onNote }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const names = new Map(Object.entries(to))
    const known = view.schema.categories.map(({ name }) => name)
    const unknown = [...names.keys()].find((name) => !known.includes(name))
    if (unknown !== undefined) throw unknownName('remap-categories', 'to', unknown, known)
    const remapping = remapped(view.schema, ({ name }) =>
      names.has(name) ? names.get(name) || undefined : others === 'keep' ? name : undefined,
    )
    const { schema } = remapping
    return { schema, items: mapItems(view, recategorized(view.schema, remapping, onNote)) }
  },
})

/** Categories under their new names, and what has become of each. */
export interface Remapping {
  readonly schema: Schema
  /** The new key of each category that stays. */
  readonly keyOf: ReadonlyMap<CategoryKey, CategoryKey>
}

/**
 * Returns the schema with categories under their new names. Those that get a new name are joined with the one
 * that has it already, or else with the first that gets it; that one keeps its key, and what it does not say
 * of itself (colour, skeleton, attributes, …) comes from the others. Categories that keep their names stay apart even where
 * two have the same.
 */
export function remapped(
  schema: Schema,
  newName: (category: Category) => string | undefined,
): Remapping {
  const joined = new Map<CategoryKey, Category[]>()
  const heads = new Map<string, CategoryKey>()
  const renamed: (readonly [Category, string])[] = []
  for (const category of schema.categories) {
    const name = newName(category)
    if (name === undefined) continue
    if (name === category.name) {
      joined.set(category.key, [category])
      if (!heads.has(name)) heads.set(name, category.key)
    } else renamed.push([category, name])
  }
  for (const [category, name] of renamed) {
    const head = heads.get(name) ?? category.key
    heads.set(name, head)
    joined.set(head, [...(joined.get(head) ?? []), category])
  }
  const keyOf = new Map<CategoryKey, CategoryKey>()
  for (const [head, parts] of joined) for (const { key } of parts) keyOf.set(key, head)
  const parentOf = newParents(schema, keyOf)
  const categories = schema.categories.flatMap(({ key, name }) => {
    const parts = joined.get(key)
    if (parts === undefined) return []
    const { parent: _, ...whole } = joinCategories(parts)
    const parent = parentOf(key)
    const of = newName(parts[0] ?? whole) ?? name
    return [{ ...whole, name: of, ...(parent !== undefined && { parent }) }]
  })
  return { schema: { ...schema, categories }, keyOf }
}

/** The first counts; what it does not say, the next that does. */
function joinCategories([head, ...others]: readonly Category[]): Category {
  if (head === undefined) throw new TypeError('No category')
  if (others.length === 0) return head
  const attributes = new Map<string, AttributeDefinition>()
  for (const each of [head, ...others].flatMap((category) => category.attributes ?? []))
    if (!attributes.has(each.name)) attributes.set(each.name, each)
  const whole: Category = Object.assign({}, ...others.toReversed(), head)
  return attributes.size > 0 ? { ...whole, attributes: [...attributes.values()] } : whole
}

/** A category below one that goes comes below the next above that stays; none comes below itself. */
function newParents(
  { categories }: Schema,
  keyOf: ReadonlyMap<CategoryKey, CategoryKey>,
): (key: CategoryKey) => CategoryKey | undefined {
  const parents = new Map(categories.map(({ key, parent }) => [key, parent]))
  const chosen = new Map<CategoryKey, CategoryKey>()
  for (const { key } of categories) {
    if (keyOf.get(key) !== key) continue
    const seen = new Set([key])
    let above = parents.get(key)
    while (above !== undefined && !keyOf.has(above) && !seen.has(above)) {
      seen.add(above)
      above = parents.get(above)
    }
    const parent = above === undefined ? undefined : keyOf.get(above)
    if (parent !== undefined && !isBelow(parent, key, chosen)) chosen.set(key, parent)
  }
  return (key) => chosen.get(key)
}

function isBelow(
  key: CategoryKey,
  top: CategoryKey,
  parents: ReadonlyMap<CategoryKey, CategoryKey>,
): boolean {
  for (let here: CategoryKey | undefined = key; here !== undefined; here = parents.get(here))
    if (here === top) return true
  return false
}

/**
 * Returns what makes items follow their categories: annotations of a category that went go too. Those of a category
 * that the schema never had stay as they are. Each that goes is noted.
 */
export function recategorized(
  before: Schema,
  { keyOf }: Pick<Remapping, 'keyOf'>,
  onNote: StepContext['onNote'],
): (item: Parameters<typeof mapAnnotations>[0]) => ReturnType<typeof mapAnnotations> {
  const known = new Set(before.categories.map(({ key }) => key))
  const follow = (annotation: Annotation, where: () => string): Annotation | undefined => {
    const { category: old } = annotation
    if (old === undefined || !known.has(old)) return annotation
    const category = keyOf.get(old)
    if (category === old) return annotation
    if (category !== undefined) return { ...annotation, category }
    onNote({ what: 'annotation deleted with its category', where: where() })
    return undefined
  }
  return (item) =>
    mapAnnotations(item, (annotation) => follow(annotation, () => `${item.subset}/${item.id}`))
}
