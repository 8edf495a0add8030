import type { Category, Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'

/** The classes of a dataset. */
export interface ClassLabels {
  readonly categories: () => readonly Category[]
  /** Returns the category of a name, or of a number in a column; a new one when it is not known. */
  readonly keyOf: (value: string | number, column: string) => string
  /** The names of the classes of a column (`objects.category`), by number. */
  readonly namesOf: (column: string) => readonly string[]
  /** Adds the names that a file lists for its columns. */
  readonly add: (names: ReadonlyMap<string, readonly string[]>) => void
}

/** Makes an empty table of classes. */
export function classLabels(): ClassLabels {
  const categories = new Map<string, Category>()
  const columns = new Map<string, readonly string[]>()
  const addCategory = (name: string): string => {
    if (!categories.has(name)) categories.set(name, { key: name, name })
    return name
  }
  const namesOf = (column: string): readonly string[] => columns.get(column) ?? []
  return {
    categories: () => [...categories.values()],
    namesOf,
    keyOf: (value, column) =>
      addCategory(typeof value === 'string' ? value : (namesOf(column)[value] ?? `${value}`)),
    add: (names) => {
      for (const [column, list] of names) {
        if (columns.has(column)) continue
        columns.set(column, list)
        if (CATEGORY_COLUMNS.test(column)) for (const name of list) addCategory(name)
      }
    },
  }
}

/** Columns that say what an image or object is. */
const CATEGORY_COLUMNS = /^(?:labels?|objects\.(?:category|categories|labels?|class))$/u

/**
 * Returns the names of classes that the description of features lists, by the path of their column.
 *
 * @see {@link https://huggingface.co/docs/datasets/about_dataset_features | features of `datasets`}
 */
export function classNamesIn(features: Json): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  visit(features, '', 0)
  return found

  function visit(value: Json, path: string, depth: number): void {
    if (depth > 20) return
    if (isArray(value)) {
      for (const each of value) visit(each, path, depth + 1)
      return
    }
    if (!isObject(value)) return
    const { names, _type: type } = value
    if (type === 'ClassLabel' && isArray(names)) {
      found.set(
        path,
        names.map((name) => (typeof name === 'string' ? name : JSON.stringify(name))),
      )
      return
    }
    for (const [name, inner] of Object.entries(value)) {
      const isWrapper = name === 'feature' && typeof type === 'string'
      visit(inner, isWrapper ? path : path === '' ? name : `${path}.${name}`, depth + 1)
    }
  }
}
