import type { AnyId } from '@dsv/store'

/** The links of a record while it is written: each id once, in the order of first use. */
export interface LinkList {
  readonly links: readonly AnyId[]
  /** Returns the index of the id, adding it when it is new. */
  indexOf(id: AnyId): number
}

/** Returns an empty list of links. */
export function linkList(): LinkList {
  const indexes = new Map<AnyId, number>()
  const links: AnyId[] = []
  return {
    links,
    indexOf: (id) => {
      const known = indexes.get(id)
      if (known !== undefined) return known
      indexes.set(id, links.length)
      return links.push(id) - 1
    },
  }
}
