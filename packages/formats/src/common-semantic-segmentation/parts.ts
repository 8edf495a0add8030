import type { Folder } from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { DATASET_META } from '../shared/dataset-meta.ts'

/** One folder with its own file of classes, images and masks. */
export interface Part {
  /** The folder: empty or ending in `/`. */
  readonly root: string
  readonly subset: string
}

/** What stands before the id in names of images and of masks. */
export interface Prefixes {
  readonly images: string
  readonly masks: string
}

/** The images and masks of a part. */
export interface Pairs {
  readonly pairs: readonly Pair[]
  readonly prefixes: Prefixes
}

/** An image and its mask, by path; at least one of them is there. */
export interface Pair {
  readonly id: string
  readonly image: string | undefined
  readonly mask: string | undefined
}

/** Returns the folders that hold a file of classes: one, or one for each subset. */
export async function findParts(folder: Folder): Promise<readonly Part[]> {
  const paths = await folder.list()
  const roots = paths
    .filter((path) => `/${path}`.endsWith(`/${DATASET_META}`))
    .map((path) => path.slice(0, -DATASET_META.length))
  const known = new Set(paths.flatMap(foldersAround))
  const filled = roots.filter((root) => known.has(root))
  const chosen = filled.length > 0 ? filled : roots.slice(0, 1)
  const [first] = chosen
  if (chosen.length === 1 && first !== undefined && !first.includes('/')) {
    return [{ root: first, subset: 'default' }]
  }
  return chosen.map((root) => ({ root, subset: root.split('/').at(-2) ?? 'default' }))
}

/**
 * Returns the images and masks of a part by id: what is the same of `images/<prefix><id>.png` and
 * `masks/<prefix><id>.png`. A prefix that all images, or all masks, share and that keeps them from
 * fitting together is left out.
 */
export async function findPairs(folder: Folder, { root }: Part): Promise<Pairs> {
  const images = await filesIn(folder, `${root}images`)
  const masks = await filesIn(folder, `${root}masks`)
  const ids = new Map<string, { image?: string; mask?: string }>()
  const prefixes = prefixesOf([...images.keys()], [...masks.keys()])
  for (const [id, image] of images) ids.set(id.slice(prefixes.images.length), { image })
  for (const [name, mask] of masks) {
    const id = name.slice(prefixes.masks.length)
    ids.set(id, { ...ids.get(id), mask })
  }
  return { pairs: [...ids].map(([id, { image, mask }]) => ({ id, image, mask })), prefixes }
}

async function filesIn(folder: Folder, under: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const path of await folder.list(under)) {
    const id = withoutExtension(path.slice(under.length + 1))
    if (isImagePath(path) && !files.has(id)) files.set(id, path)
  }
  return files
}

/** Everything before a folder `images` or `masks`. */
function foldersAround(path: string): readonly string[] {
  return [...path.matchAll(/(?<=^|\/)(?:images|masks)\//gu)].map(({ index }) =>
    path.slice(0, index),
  )
}

const NO_PREFIXES: Prefixes = { images: '', masks: '' }

/** The prefixes that make masks fit images, when none fits without and all fit with them. */
function prefixesOf(images: readonly string[], masks: readonly string[]): Prefixes {
  const known = new Set(images)
  if (masks.some((mask) => known.has(mask))) return NO_PREFIXES
  const [image, mask] = [images[0] ?? '', masks[0] ?? '']
  let same = 0
  while (same < Math.min(image.length, mask.length) && image.at(-1 - same) === mask.at(-1 - same)) {
    same += 1
  }
  // The longest common end that leaves ids which all fit.
  for (let length = same; length > 0; length -= 1) {
    const prefixes = { images: image.slice(0, -length), masks: mask.slice(0, -length) }
    const isPrefix = /[_-]$/u.test(prefixes.masks + prefixes.images)
    if (isPrefix && fits(images, masks, prefixes)) return prefixes
  }
  return NO_PREFIXES
}

function fits(images: readonly string[], masks: readonly string[], prefixes: Prefixes): boolean {
  if (!images.every((name) => name.startsWith(prefixes.images))) return false
  const ids = new Set(images.map((name) => name.slice(prefixes.images.length)))
  return masks.every(
    (name) => name.startsWith(prefixes.masks) && ids.has(name.slice(prefixes.masks.length)),
  )
}
