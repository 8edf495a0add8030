import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { type SubsetRoot, subsetRoots } from '../shared/subset-roots.ts'

/** The files of one item. */
export interface MotsItem extends SubsetRoot {
  readonly id: string
  /** The PNG of instances. */
  readonly instances?: string
}

/** Finds the folders that have `instances/`. */
export function findMotsRoots(paths: readonly string[]): readonly SubsetRoot[] {
  const roots = new Set<string>()
  for (const path of paths) {
    const root = /^(|.*?\/)instances\/(?:.+\.png|labels\.txt)$/u.exec(path)?.[1]
    if (root !== undefined) roots.add(root)
  }
  return subsetRoots([...roots])
}

/** Returns the items of the subsets: all that have an image or instances. */
export function planItems(
  paths: readonly string[],
  roots: readonly SubsetRoot[],
): readonly MotsItem[] {
  return roots.flatMap(({ subset, root }) => {
    const [masks, images] = [`${root}instances/`, `${root}images/`]
    const items = new Map<string, MotsItem>()
    for (const path of paths) {
      if (path.startsWith(images) && isImagePath(path)) {
        const id = withoutExtension(path.slice(images.length))
        if (!items.has(id)) items.set(id, { subset, root, id })
      } else if (path.startsWith(masks) && path.endsWith('.png')) {
        const id = path.slice(masks.length, -'.png'.length)
        items.set(id, { subset, root, id, instances: path })
      }
    }
    return [...items.values()]
  })
}
