import type { AdapterContext, Category, CategoryKey, Schema } from '@dsv/core'
import { compareText } from './compare-text.ts'

/** Returns categories for names, in alphabetical order: for formats that have no list of classes. */
export function categoriesNamed(names: Iterable<string>): readonly Category[] {
  return [...new Set(names)].toSorted(compareText).map((name) => ({ key: name, name }))
}

/** The names of categories in a format that has no list of them. */
export interface ClassNames {
  /** Returns the name of a category, and notes that it is used; undefined when there is none. */
  readonly use: (key: CategoryKey | undefined) => string | undefined
  /** Reports the categories that were never used: nothing in the files names them, unless a list does. */
  readonly reportUnused: (
    onLoss: AdapterContext['onLoss'],
    isListed?: (name: string) => boolean,
  ) => void
}

/**
 * Keeps account of which categories of a dataset are written. Reports those that names cannot tell apart,
 * and those without a name.
 */
export function classNames(
  { categories }: Schema,
  onLossOfName: AdapterContext['onLoss'],
): ClassNames {
  const names = new Map<CategoryKey, string>()
  const known = new Set<string>()
  for (const { key, name } of categories) {
    if (known.has(name)) onLossOfName({ what: 'category', where: `${name}: another has this name` })
    if (name === '') onLossOfName({ what: 'category', where: `${key}: it has no name` })
    else names.set(key, name)
    known.add(name)
  }
  const used = new Set<string>()
  return {
    use: (key) => {
      const name = key === undefined ? undefined : names.get(key)
      if (name !== undefined) used.add(name)
      return name
    },
    reportUnused: (onLoss, isListed = () => false) => {
      for (const { name } of categories) {
        if (!used.has(name) && !isListed(name)) onLoss({ what: 'category', where: name })
      }
    },
  }
}
