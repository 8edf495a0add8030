import { isImagePath, withoutExtension } from '../media/media-kind.ts'

/** What the images of a folder are to an item: itself, what it should look like, a blown up copy. */
export type ResolutionRole = 'primary' | 'high-resolution' | 'upsampled'

/** The folders by role, in the order of the media of an item. */
export const ROLE_FOLDERS: ReadonlyMap<ResolutionRole, string> = new Map([
  ['primary', 'LR'],
  ['high-resolution', 'HR'],
  ['upsampled', 'upsampled'],
])

/** The images of one item by role. */
export interface ImagePair {
  readonly subset: string
  readonly id: string
  readonly images: ReadonlyMap<ResolutionRole, string>
}

/**
 * Returns the items of a folder: images of the same name in `LR`, `HR` and `upsampled`. What stands before
 * these folders is the subset.
 */
export function findImagePairs(paths: readonly string[]): readonly ImagePair[] {
  const items = new Map<string, ImagePair & { readonly images: Map<ResolutionRole, string> }>()
  const roles = new Map([...ROLE_FOLDERS].map(([role, folder]) => [folder, role]))
  for (const path of paths) {
    const match = isImagePath(path) ? PLACE.exec(path) : null
    const role = roles.get(match?.[2] ?? '')
    if (match === null || role === undefined) continue
    const subset = (match[1] ?? '').slice(0, -1) || 'default'
    const id = withoutExtension(match[3] ?? '')
    const key = `${subset}\0${id}`
    const item = items.get(key) ?? { subset, id, images: new Map<ResolutionRole, string>() }
    items.set(key, item)
    if (!item.images.has(role)) item.images.set(role, path)
  }
  return [...items.values()]
}

const PLACE = /^((?:.*?\/)??)(LR|HR|upsampled)\/(.+)$/u
