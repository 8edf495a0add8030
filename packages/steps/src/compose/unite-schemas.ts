import {
  type AttributeDefinition,
  type Category,
  type CategoryKey,
  isEqual,
  type Schema,
} from '@dsv/core'

/** Something that two schemas say differently; the first that says it is followed. */
export interface SchemaConflict {
  /** What: `category color`, `category case`, `attribute`, `info`. */
  readonly what: string
  /** The name of the category or attribute, or the format of the info. */
  readonly name: string
  /** Those who disagree, as indexes of schemas: the one that is followed, then the other. */
  readonly schemas: readonly [number, number]
}

/** One schema for the items of several. */
export interface UnitedSchema {
  readonly schema: Schema
  /** For each schema: the key in the united one, by its own key. */
  readonly keysOf: readonly ReadonlyMap<CategoryKey, CategoryKey>[]
  readonly conflicts: readonly SchemaConflict[]
}

/** The fields of a category that two schemas can fill in differently. */
const CATEGORY_FIELDS = [
  'supercategory',
  'color',
  'attributes',
  'skeleton',
  'isThing',
] as const satisfies readonly (keyof Category)[]

/**
 * Unites schemas: categories and attributes by name, in the order in which they come first. What one schema leaves
 * out, a later one fills in. An id of a format that is in use for another category is left out.
 */
export function uniteSchemas(schemas: readonly Schema[]): UnitedSchema {
  const conflicts: SchemaConflict[] = []
  const { heads, keysOf } = nameCategories(schemas)
  for (const [at, schema] of schemas.entries())
    for (const category of schema.categories)
      fillIn(heads, { ...category, ...parentOf(category, keysOf[at]) }, at, conflicts)
  conflicts.push(...caseConflicts(heads))
  const attributes = uniteNamed(
    schemas.map((schema) => schema.attributes.map((each) => [each.name, each] as const)),
    'attribute',
    conflicts,
  )
  const info = uniteNamed(
    schemas.map((schema) => Object.entries(schema.info)),
    'info',
    conflicts,
  )
  const schema: Schema = {
    categories: withOwnIds([...heads.values()].map(({ category }) => category)),
    attributes: [...attributes.values()],
    info: Object.fromEntries(info),
  }
  return { schema, keysOf, conflicts }
}

/** A category of the united schema, with the schema that it came from first. */
interface Head {
  category: Category
  readonly from: number
}

function nameCategories(schemas: readonly Schema[]): {
  readonly heads: Map<string, Head>
  readonly keysOf: readonly Map<CategoryKey, CategoryKey>[]
} {
  const heads = new Map<string, Head>()
  const taken = new Set<CategoryKey>()
  const keysOf = schemas.map(({ categories }, from) => {
    const keyOf = new Map<CategoryKey, CategoryKey>()
    for (const category of categories) {
      const known = heads.get(category.name)
      const key = known?.category.key ?? freeKey(category.key, taken)
      taken.add(key)
      keyOf.set(category.key, key)
      if (known === undefined) {
        const { parent: _, ...rest } = category
        heads.set(category.name, { category: { ...rest, key }, from })
      }
    }
    return keyOf
  })
  return { heads, keysOf }
}

function freeKey(wish: CategoryKey, taken: ReadonlySet<CategoryKey>): CategoryKey {
  for (let key = wish, count = 2; ; key = `${wish}~${count++}`) if (!taken.has(key)) return key
}

function parentOf(
  { parent }: Category,
  keyOf: ReadonlyMap<CategoryKey, CategoryKey> | undefined,
): Pick<Category, 'parent'> {
  const key = parent === undefined ? undefined : keyOf?.get(parent)
  return key === undefined ? {} : { parent: key }
}

/** Adds what `category` of schema `at` says of the category of its name. */
function fillIn(
  heads: ReadonlyMap<string, Head>,
  category: Category,
  at: number,
  conflicts: SchemaConflict[],
): void {
  const head = heads.get(category.name)
  if (head === undefined) return
  const known = head.category
  for (const field of [...CATEGORY_FIELDS, 'parent'] as const)
    if (
      known[field] !== undefined &&
      category[field] !== undefined &&
      !isEqual(known[field], category[field])
    )
      conflicts.push({
        what: `category ${field}`,
        name: category.name,
        schemas: [head.from, at],
      })
  head.category = {
    ...category,
    ...known,
    ...((category.sourceIds !== undefined || known.sourceIds !== undefined) && {
      sourceIds: { ...category.sourceIds, ...known.sourceIds },
    }),
  }
}

/** Names that differ only in case are mostly one category that somebody spelled in two ways. */
function caseConflicts(heads: ReadonlyMap<string, Head>): readonly SchemaConflict[] {
  const byLowerCase = new Map<string, { readonly name: string; readonly from: number }>()
  return [...heads].flatMap(([name, { from }]) => {
    const lower = name.toLowerCase()
    const other = byLowerCase.get(lower)
    if (other === undefined) byLowerCase.set(lower, { name, from })
    // What one schema tells apart is meant so.
    return other === undefined || other.from === from
      ? []
      : [{ what: 'category case', name: `${other.name}, ${name}`, schemas: [other.from, from] }]
  })
}

/** Returns the categories, each id of a format only with the first that has it. */
function withOwnIds(categories: readonly Category[]): readonly Category[] {
  const taken = new Set<string>()
  return categories.map((category) => {
    if (category.sourceIds === undefined) return category
    const own = Object.entries(category.sourceIds).filter(([format, id]) => {
      const mark = JSON.stringify([format, id])
      if (taken.has(mark)) return false
      taken.add(mark)
      return true
    })
    const { sourceIds: _, ...rest } = category
    return own.length === 0 ? rest : { ...rest, sourceIds: Object.fromEntries(own) }
  })
}

function uniteNamed<Value extends AttributeDefinition | Schema['info'][string]>(
  lists: readonly (readonly (readonly [name: string, value: Value])[])[],
  what: string,
  conflicts: SchemaConflict[],
): ReadonlyMap<string, Value> {
  const united = new Map<string, { readonly value: Value; readonly from: number }>()
  for (const [at, list] of lists.entries())
    for (const [name, value] of list) {
      const known = united.get(name)
      if (known === undefined) united.set(name, { value, from: at })
      else if (!isEqual(known.value, value))
        conflicts.push({ what, name, schemas: [known.from, at] })
    }
  return new Map([...united].map(([name, { value }]) => [name, value]))
}
