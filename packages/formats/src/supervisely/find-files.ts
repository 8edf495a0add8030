import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { type SubsetRoot, subsetRoots } from '../shared/subset-roots.ts'

/** The files of one image. */
export interface SuperviselyItem extends SubsetRoot {
  readonly id: string
  /** The name of the image below `img/`, as its annotations name it. */
  readonly name: string
  /** Undefined for images without. */
  readonly annotations?: string
}

/** The files of a project. */
export interface SuperviselyFiles {
  readonly meta: string | undefined
  readonly roots: readonly SubsetRoot[]
  readonly items: readonly SuperviselyItem[]
}

const ANNOTATIONS = /^(|.*?\/)ann\/(.+)\.json$/u
const IMAGES = /^(|.*?\/)img\/(.+)$/u

/** Finds the datasets of a project: folders that have `ann/` beside `img/`. */
export function findSuperviselyFiles(paths: readonly string[]): SuperviselyFiles {
  const meta = paths
    .filter((path) => /(?:^|\/)meta\.json$/u.test(path) && !ANNOTATIONS.test(path))
    .toSorted((a, b) => a.split('/').length - b.split('/').length)
    .at(0)
  const found = new Set<string>()
  for (const path of paths) {
    const root = ANNOTATIONS.exec(path)?.[1]
    if (root !== undefined) found.add(root)
  }
  const roots = subsetRoots([...found])
  const subsetOf = new Map(roots.map((each) => [each.root, each]))
  const named = new Map<string, Omit<SuperviselyItem, 'id'>>()
  for (const path of paths) {
    const [, root = '', name = ''] = ANNOTATIONS.exec(path) ?? []
    const own = subsetOf.get(root)
    if (own !== undefined && name !== '')
      named.set(`${root}\0${name}`, { ...own, name, annotations: path })
  }
  for (const path of paths) {
    const [, root = '', name = ''] = isImagePath(path) ? (IMAGES.exec(path) ?? []) : []
    const own = subsetOf.get(root)
    const isKnown = named.has(`${root}\0${name}`) || named.has(`${root}\0${withoutExtension(name)}`)
    if (own !== undefined && name !== '' && !isKnown)
      named.set(`${root}\0${name}`, { ...own, name })
  }
  return { meta, roots, items: withIds([...named.values()]) }
}

/** The id is the name without extension, where no other image has that. */
function withIds(items: readonly Omit<SuperviselyItem, 'id'>[]): readonly SuperviselyItem[] {
  const stemOf = (name: string): string => (isImagePath(name) ? withoutExtension(name) : name)
  const counts = new Map<string, number>()
  for (const { root, name } of items) {
    const key = `${root}\0${stemOf(name)}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return items.map((item) => {
    const stem = stemOf(item.name)
    return { ...item, id: counts.get(`${item.root}\0${stem}`) === 1 ? stem : item.name }
  })
}
