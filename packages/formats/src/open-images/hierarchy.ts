import { type Category, type CategoryKey, type Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'

/** The class above all; it has no description. */
const ENTITY = '/m/0bl9f'
const MAX_DEPTH = 100

/** Returns the parent of each class in a hierarchy by its machine name; the first place counts. */
export function parentsOf(hierarchy: Json): ReadonlyMap<string, string> {
  const parents = new Map<string, string>()
  visit(hierarchy, undefined, parents, 0)
  return parents
}

function visit(
  node: Json,
  parent: string | undefined,
  parents: Map<string, string>,
  depth: number,
): void {
  if (!isObject(node) || depth > MAX_DEPTH) return
  const name = node['LabelName']
  if (typeof name !== 'string') return
  if (parent !== undefined && name !== parent && !parents.has(name)) parents.set(name, parent)
  const below = node['Subcategory']
  for (const each of isArray(below) ? below : []) visit(each, name, parents, depth + 1)
}

/** Returns categories with the parents of a hierarchy; a parent that is no category is none. */
export function withParents(categories: readonly Category[], hierarchy: Json): readonly Category[] {
  const parents = parentsOf(hierarchy)
  const keys = new Map(categories.map(({ key }) => [key, key]))
  const made = new Map<CategoryKey, CategoryKey>()
  return categories.map((category) => {
    const parent = keys.get(parents.get(category.key) ?? '')
    if (parent === undefined || isAbove(category.key, parent, made)) return category
    made.set(category.key, parent)
    return { ...category, parent }
  })
}

/** Whether `key` is `other` or above it, or too much is: then it cannot be below. */
function isAbove(
  key: CategoryKey,
  other: CategoryKey,
  parents: ReadonlyMap<CategoryKey, CategoryKey>,
): boolean {
  let at: CategoryKey | undefined = other
  for (let depth = 0; at !== undefined; depth += 1, at = parents.get(at)) {
    if (at === key || depth > MAX_DEPTH) return true
  }
  return false
}

/** Returns the hierarchy of categories: the one that was read, where it says the same. */
export function hierarchyOf(
  categories: readonly Category[],
  names: ReadonlyMap<CategoryKey, string>,
  before: Json | undefined,
): Json | undefined {
  const nameOf = (key: CategoryKey): string => names.get(key) ?? key
  if (before !== undefined) {
    const plain = categories.map(({ key, name }): Category => ({ key: nameOf(key), name }))
    const again = withParents(plain, before)
    const isSame = categories.every(({ parent }, at) => {
      return again[at]?.parent === (parent === undefined ? undefined : nameOf(parent))
    })
    if (isSame) return before
  }
  if (categories.every(({ parent }) => parent === undefined)) return undefined
  const children = new Map<string, string[]>()
  for (const { key, parent } of categories) {
    const above = parent === undefined ? ENTITY : nameOf(parent)
    children.set(above, [...(children.get(above) ?? []), nameOf(key)])
  }
  return nodeOf(ENTITY, children, 0)
}

function nodeOf(
  name: string,
  children: ReadonlyMap<string, readonly string[]>,
  depth: number,
): JsonObject {
  const below = depth > MAX_DEPTH ? [] : (children.get(name) ?? [])
  if (below.length === 0) return { LabelName: name }
  return { LabelName: name, Subcategory: below.map((each) => nodeOf(each, children, depth + 1)) }
}
