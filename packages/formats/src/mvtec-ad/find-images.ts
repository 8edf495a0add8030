import { isImagePath, withoutExtension } from '../media/media-kind.ts'

/** The folder of masks, beside those of the subsets. */
export const MASKS = 'ground_truth'

/** One image, and what its place says. */
export interface MvtecImage {
  readonly path: string
  readonly subset: string
  /** The object, where there are several: what stands before the subset, ending in `/`. */
  readonly object: string
  /** The kind of defect, or `good`; undefined where there is no folder. */
  readonly defect: string | undefined
  readonly name: string
  /** The mask of the defect, when it is there. */
  readonly mask: string | undefined
}

/** The images and those masks that belong to none. */
export interface MvtecImages {
  readonly images: readonly MvtecImage[]
  readonly lostMasks: readonly string[]
}

/** Finds images and their masks by their paths. */
export function findMvtecImages(paths: readonly string[]): MvtecImages {
  const all = paths.filter(isImagePath)
  const masks = new Map<string, string>()
  const objects = new Set<string>()
  for (const path of all) {
    const [, object = '', rest] = MASK.exec(path) ?? []
    if (rest === undefined) continue
    objects.add(object)
    masks.set(`${object}${withoutExtension(rest).replace(/_mask$/u, '')}`, path)
  }
  const used = new Set<string>()
  const images = all
    .filter((path) => !MASK.test(path))
    .map((path): MvtecImage => {
      const place = placeOf(path, objects)
      const mask =
        place.defect === undefined
          ? undefined
          : masks.get(`${place.object}${place.defect}/${place.name}`)
      if (mask !== undefined) used.add(mask)
      return { ...place, path, mask }
    })
  return { images, lostMasks: [...masks.values()].filter((path) => !used.has(path)) }
}

const MASK = /^((?:.*\/)?)ground_truth\/(.+\/.+)$/u

function placeOf(path: string, objects: ReadonlySet<string>): Omit<MvtecImage, 'path' | 'mask'> {
  const segments = withoutExtension(path).split('/')
  const [subset = '', defect = '', name = ''] = segments.slice(-3)
  const object = segments
    .slice(0, -3)
    .map((segment) => `${segment}/`)
    .join('')
  if (segments.length > 2 && !objects.has(`${object}${subset}/`)) {
    return { object, subset, defect, name }
  }
  const before = segments
    .slice(0, -2)
    .map((segment) => `${segment}/`)
    .join('')
  const [own = '', last = ''] = segments.slice(-2)
  if (segments.length === 1) return { object: '', subset: 'default', defect: undefined, name: own }
  return { object: before, subset: own, defect: undefined, name: last }
}
