import type { CategoryStatistics } from './statistics.ts'

/** The limits of COCO, in square pixels. */
const [SMALL, LARGE] = [32 ** 2, 96 ** 2]

/** Returns the size class of an area in square pixels, as COCO divides them. */
export function sizeClassOf(area: number): 'small' | 'medium' | 'large' {
  return area < SMALL ? 'small' : area < LARGE ? 'medium' : 'large'
}

/** Categories that are counted as annotations come. */
export interface CategoryTally {
  /** Names a category, so that it is listed though nothing is of it. */
  know(name: string): void
  /** Takes an annotation; `area` in square pixels, undefined where it has none. */
  add(name: string, area: number | undefined): void
  /** Takes the different categories of an item. */
  addItem(names: Iterable<string>): void
  /** Annotations of each category. */
  counts(): ReadonlyMap<string, number>
  figures(): readonly CategoryStatistics[]
}

type Sums = {
  -readonly [
    Key in Exclude<keyof CategoryStatistics, 'share' | 'areaShare'>
  ]: CategoryStatistics[Key]
}

/** Counts annotations, items and areas of each category; memory grows with the categories. */
export function categoryTally(): CategoryTally {
  const sums = new Map<string, Sums>()
  const of = (name: string): Sums => {
    let each = sums.get(name)
    if (each === undefined) {
      each = { name, count: 0, items: 0, area: 0, small: 0, medium: 0, large: 0 }
      sums.set(name, each)
    }
    return each
  }
  return {
    know: (name) => {
      of(name)
    },
    add: (name, area) => {
      const each = of(name)
      each.count++
      if (area === undefined) return
      each.area += area
      each[sizeClassOf(area)]++
    },
    addItem: (names) => {
      for (const name of names) of(name).items++
    },
    counts: () => new Map([...sums].map(([name, { count }]) => [name, count])),
    figures: () => {
      const all = [...sums.values()]
      const count = all.reduce((sum, each) => sum + each.count, 0)
      const area = all.reduce((sum, each) => sum + each.area, 0)
      return all
        .map((each) => ({
          ...each,
          share: count === 0 ? 0 : each.count / count,
          areaShare: area === 0 || !Number.isFinite(area) ? 0 : each.area / area,
        }))
        .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    },
  }
}
