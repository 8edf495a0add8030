import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { type SubsetRoot, subsetRoots } from './subset-roots.ts'

/** An item that has a file of its own for what is said about it. */
export interface LabelledItem extends SubsetRoot {
  readonly id: string
  /** Undefined for images without. */
  readonly label?: string
}

/** Files of labels, each beside or above the folder `images/` of its subset. */
export interface LabelledItems {
  readonly roots: readonly SubsetRoot[]
  readonly items: readonly LabelledItem[]
}

/**
 * Returns the items of a dataset with a file of labels for each image. `idOf` gives the id from the
 * path of such a file below its subset; undefined for other files. A subset is a folder with `images/`,
 * or the first folder of the path.
 */
export function planLabelFiles(
  paths: readonly string[],
  idOf: (path: string) => string | undefined,
): LabelledItems {
  const homes = imageHomes(paths)
  const labels = paths.flatMap((path) => {
    const root = rootOf(path, homes)
    const id = idOf(path.slice(root.length))
    return id === undefined ? [] : [{ root, id, label: path }]
  })
  const used = new Set(labels.map(({ root }) => root))
  const roots = subsetRoots([...used])
  const subsetOf = new Map(roots.map(({ root, subset }) => [root, subset]))
  const items = new Map<string, LabelledItem>()
  for (const { root, id, label } of labels) {
    items.set(`${root}\0${id}`, { subset: subsetOf.get(root) ?? '', root, id, label })
  }
  for (const path of paths) {
    const root = isImagePath(path) ? rootOf(path, homes) : ''
    const subset = subsetOf.get(root)
    if (subset === undefined || !path.startsWith(`${root}images/`)) continue
    const id = withoutExtension(path.slice(`${root}images/`.length))
    const key = `${root}\0${id}`
    if (!items.has(key)) items.set(key, { subset, root, id })
  }
  return { roots, items: [...items.values()] }
}

/** The folders that have `images/`. */
function imageHomes(paths: readonly string[]): ReadonlySet<string> {
  const homes = new Set<string>()
  for (const path of paths) {
    if (!isImagePath(path)) continue
    const at = `/${path}`.indexOf('/images/')
    if (at >= 0) homes.add(path.slice(0, at))
  }
  return homes
}

function rootOf(path: string, homes: ReadonlySet<string>): string {
  for (let at = path.indexOf('/') + 1; at > 0; at = path.indexOf('/', at) + 1) {
    if (homes.has(path.slice(0, at))) return path.slice(0, at)
  }
  return homes.has('') ? '' : path.slice(0, path.indexOf('/') + 1)
}
