import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { type SubsetRoot, subsetRoots } from '../shared/subset-roots.ts'

/** The folders of one subset. */
export interface DotaFolders extends SubsetRoot {
  /** The folder of the labels below `root`: `labelTxt`, `labelTxt-v1.5/labelTxt`. */
  readonly labels: string
}

/** The files of one item. */
export interface DotaItem {
  readonly folders: DotaFolders
  readonly id: string
  readonly label?: string
}

const LABELS = /^(|.*?\/)(labelTxt[^/]*(?:\/labelTxt[^/]*)*)\/.+\.txt$/u

/**
 * Finds the subsets of a dataset. Of several folders of labels that one counts that comes last by name
 * (`labelTxt-v1.5`), since they say the same of one set of images in several versions.
 */
export function findDotaFolders(paths: readonly string[]): readonly DotaFolders[] {
  const found = new Map<string, string>()
  for (const path of paths) {
    const [, root, labels] = LABELS.exec(path) ?? []
    if (root === undefined || labels === undefined) continue
    const known = found.get(root)
    if (known === undefined || isBetter(labels, known)) found.set(root, labels)
  }
  addUnlabelled(found, paths)
  const labelsOf = ({ root }: SubsetRoot): string => found.get(root) ?? ''
  return subsetRoots([...found.keys()]).map((each) => ({ ...each, labels: labelsOf(each) }))
}

/** Folders with images beside those that have labels, too: of the test set no labels are published. */
function addUnlabelled(found: Map<string, string>, paths: readonly string[]): void {
  const parents = new Set([...found.keys()].map((root) => root.replace(/[^/]+\/$/u, '')))
  const [labels = ''] = found.values()
  if (found.has('')) return
  for (const path of paths) {
    const [, root = '', parent = ''] = /^((|.*\/)[^/]+\/)images\//u.exec(path) ?? []
    if (root !== '' && parents.has(parent) && !found.has(root)) found.set(root, labels)
  }
}

/** Files of upright boxes say less. */
function isBetter(labels: string, other: string): boolean {
  const isUpright = (name: string): boolean => /hbb|rec/iu.test(name)
  if (isUpright(labels) !== isUpright(other)) return isUpright(other)
  return labels > other
}

/** Returns the items of the subsets: all that have an image or labels. */
export function planItems(
  paths: readonly string[],
  folders: readonly DotaFolders[],
): readonly DotaItem[] {
  return folders.flatMap((own) => {
    const { root, labels } = own
    const items = new Map<string, DotaItem>()
    const images = `${root}images/`
    const [prefix, suffix] = [`${root}${labels}/`, '.txt']
    for (const path of paths) {
      if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue
      const id = path.slice(prefix.length, -suffix.length)
      items.set(id, { folders: own, id, label: path })
    }
    for (const path of paths) {
      if (!path.startsWith(images) || !isImagePath(path)) continue
      const id = withoutExtension(path.slice(images.length))
      // The archives of the original unpack into images/images/.
      const name = id.slice(id.lastIndexOf('/') + 1)
      if (!items.has(id) && !items.has(name)) items.set(id, { folders: own, id })
    }
    return [...items.values()]
  })
}
