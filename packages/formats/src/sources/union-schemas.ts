import type { AttributeDefinition, Category, CategoryKey, Json, Loss, Schema } from '@dsv/core'

/** One schema made of several. */
export interface UnitedSchema {
  readonly schema: Schema
  /** For each of the schemas: the key that each of its categories has in the united one. */
  readonly keys: readonly ReadonlyMap<CategoryKey, CategoryKey>[]
}

/** A schema and what to call where it comes from. */
export interface NamedSchema {
  readonly name: string
  readonly schema: Schema
}

/** Fields of a category that are taken from the first schema that has them. */
const FIELDS = ['supercategory', 'color', 'attributes', 'skeleton', 'isThing', 'extra'] as const

/**
 * Unites schemas: categories of one name are one category, in the order in which they first come. Of what
 * two schemas say differently (a colour, a skeleton, information about the dataset) the first counts, and the
 * other is reported.
 */
export function unionSchemas(
  sources: readonly NamedSchema[],
  onLoss: (loss: Loss) => void,
): UnitedSchema {
  const byName = new Map<string, Category>()
  const usedKeys = new Set<CategoryKey>()
  const usedIds = new Set<string>()
  const keys = sources.map(({ name: source, schema }) => {
    const ours = new Map<CategoryKey, CategoryKey>()
    for (const category of schema.categories) {
      const known = byName.get(category.name)
      const key = known?.key ?? freeKey(category.key, usedKeys)
      ours.set(category.key, key)
      usedKeys.add(key)
      const place = `${source}: ${category.name}`
      const sourceIds = freeIds(category, known, usedIds, () => {
        onLoss({ what: 'category field: sourceIds', where: place })
      })
      const united = known === undefined ? { ...category, key } : filled(known, category, place)
      const { sourceIds: _, ...rest } = united
      byName.set(category.name, { ...rest, ...(sourceIds !== undefined && { sourceIds }) })
    }
    return ours
  })
  const categories = withParents(byName, sources, keys)
  return { schema: { categories, ...unionRest(sources, onLoss) }, keys }

  function filled(known: Category, other: Category, where: string): Category {
    const fields: Record<string, unknown> = {}
    for (const field of FIELDS) {
      if (other[field] === undefined) continue
      if (known[field] === undefined) fields[field] = other[field]
      else if (isDifferent(known[field], other[field]))
        onLoss({ what: `category field: ${field}`, where })
    }
    return { ...known, ...fields }
  }
}

function freeKey(key: CategoryKey, used: ReadonlySet<CategoryKey>): CategoryKey {
  if (!used.has(key)) return key
  let number = 2
  while (used.has(`${key}-${number}`)) number++
  return `${key}-${number}`
}

/** Two categories of one format must not have the same id. */
function freeIds(
  { sourceIds = {} }: Category,
  known: Category | undefined,
  used: Set<string>,
  onTaken: () => void,
): Category['sourceIds'] {
  const ids: Record<string, number | string> = { ...known?.sourceIds }
  for (const [format, id] of Object.entries(sourceIds)) {
    const text = JSON.stringify([format, id])
    if (ids[format] === id) continue
    if (ids[format] !== undefined || used.has(text)) {
      onTaken()
      continue
    }
    used.add(text)
    ids[format] = id
  }
  return Object.keys(ids).length > 0 ? ids : undefined
}

/** Parents are keys, which are only known when all categories are. */
function withParents(
  byName: ReadonlyMap<string, Category>,
  sources: readonly NamedSchema[],
  keys: readonly ReadonlyMap<CategoryKey, CategoryKey>[],
): readonly Category[] {
  const parents = new Map<string, CategoryKey>()
  for (const [index, { schema }] of sources.entries())
    for (const { name, parent } of schema.categories) {
      const key = parent === undefined ? undefined : keys[index]?.get(parent)
      if (key !== undefined && !parents.has(name)) parents.set(name, key)
    }
  return [...byName.values()].map((category) => {
    const { parent: _, ...rest } = category
    const parent = parents.get(category.name)
    return parent === undefined ? rest : { ...rest, parent }
  })
}

function unionRest(
  sources: readonly NamedSchema[],
  onLoss: (loss: Loss) => void,
): Pick<Schema, 'attributes' | 'info'> {
  const attributes = new Map<string, AttributeDefinition>()
  const info = new Map<string, Json>()
  for (const { name: source, schema } of sources) {
    for (const definition of schema.attributes) {
      const known = attributes.get(definition.name)
      if (known === undefined) attributes.set(definition.name, definition)
      else if (isDifferent(known, definition))
        onLoss({ what: 'attribute definition', where: `${source}: ${definition.name}` })
    }
    for (const [format, value] of Object.entries(schema.info)) {
      const known = info.get(format)
      if (known === undefined) info.set(format, value)
      else if (isDifferent(known, value)) onLoss({ what: `info: ${format}`, where: source })
    }
  }
  return { attributes: [...attributes.values()], info: Object.fromEntries(info) }
}

function isDifferent(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b)
}
