import type { AdapterContext, CategoryKey, Schema } from '@dsv/core'

/** The names of classes in lines of objects, where they are one word. */
export interface BoxNames {
  /** Returns the word for a category, and notes that it is used; undefined when there is none. */
  readonly use: (key: CategoryKey | undefined) => string | undefined
  /** Returns whether a category that is used has another word than its name. */
  readonly needsList: () => boolean
  /**
   * Reports categories that nothing names, and those with another word than their name. What is listed is
   * read by its word.
   */
  readonly report: (onLoss: AdapterContext['onLoss'], isListed: (name: string) => boolean) => void
}

/** Keeps account of which categories are written. */
export function boxNames({ categories }: Pick<Schema, 'categories'>): BoxNames {
  const words = categoryWords({ categories })
  const used = new Set<CategoryKey>()
  return {
    use: (key) => {
      const word = key === undefined ? undefined : words.get(key)
      if (word !== undefined && key !== undefined) used.add(key)
      return word
    },
    needsList: () => categories.some(({ key, name }) => used.has(key) && words.get(key) !== name),
    report: (onLoss, isListed) => {
      for (const { key, name } of categories) {
        if (isListed(name)) continue
        const isRenamed = words.get(key) !== name
        if (isRenamed || !used.has(key)) onLoss({ what: 'category', where: name })
        if (isRenamed && used.has(key)) onLoss({ what: 'field: category', where: name })
      }
    },
  }
}

/** Returns a word for each category: its name, or its name with `_` for spaces and so that none is twice. */
export function categoryWords({
  categories,
}: Pick<Schema, 'categories'>): ReadonlyMap<CategoryKey, string> {
  const words = new Map<CategoryKey, string>()
  const taken = new Set<string>()
  for (const { key, name } of categories) {
    if (!/^\S+$/u.test(name) || taken.has(name)) continue
    taken.add(name)
    words.set(key, name)
  }
  for (const { key, name } of categories) {
    if (words.has(key)) continue
    let word = name.trim().replaceAll(/\s+/gu, '_') || '_'
    while (taken.has(word)) word += '_'
    taken.add(word)
    words.set(key, word)
  }
  return words
}
