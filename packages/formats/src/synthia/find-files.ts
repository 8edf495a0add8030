import { extensionOf, isImagePath, withoutExtension } from '../media/media-kind.ts'
import { DATASET_META } from '../shared/dataset-meta.ts'
import type { ColoredLabel } from '../shared/label-colors.ts'
import { LABEL_COLORS } from '../shared/label-colors-file.ts'
import { AL_LABELS, NUMBERED_LABELS, RAND_LABELS, SF_LABELS } from './classes.ts'

/** What the folders of one release are called. */
interface Release {
  readonly name: 'rand' | 'rand-cityscapes' | 'sf' | 'al'
  readonly images: string
  /** Folders of segmentations, the best first. */
  readonly segmentations: readonly string[]
  /** Folders of other media, with their roles. */
  readonly beside: readonly (readonly [role: string, folder: string])[]
  readonly labels: readonly ColoredLabel[]
}

const DEPTH = [['depth', 'Depth']] as const
const RELEASES: readonly Release[] = [
  {
    name: 'sf',
    images: 'RGBLeft',
    segmentations: ['GTLeft'],
    beside: [
      ['right', 'RGBRight'],
      ['depth', 'DepthLeft'],
    ],
    labels: SF_LABELS,
  },
  { name: 'al', images: 'RGB', segmentations: ['SemSeg'], beside: DEPTH, labels: AL_LABELS },
  {
    name: 'rand-cityscapes',
    images: 'RGB',
    segmentations: ['GT/LABELS', 'GT/COLOR'],
    beside: DEPTH,
    labels: NUMBERED_LABELS,
  },
  {
    name: 'rand',
    images: 'RGB',
    segmentations: ['GTTXT', 'GT'],
    beside: DEPTH,
    labels: RAND_LABELS,
  },
]

/** The files of one image. */
export interface SynthiaItem {
  readonly id: string
  readonly image: string | undefined
  readonly segmentation: string | undefined
  /** Paths of other media by role. */
  readonly beside: ReadonlyMap<string, string>
}

/** The files of a dataset. */
export interface SynthiaFiles {
  readonly root: string
  readonly release: Release
  readonly items: readonly SynthiaItem[]
  /** The file that names other classes than the usual. */
  readonly labels: string | undefined
}

/** Finds the folders of a release; undefined when there are no images with segmentations beside. */
export function findSynthiaFiles(paths: readonly string[]): SynthiaFiles | undefined {
  for (const release of RELEASES) {
    for (const segmentation of release.segmentations) {
      const root = rootOf(paths, segmentation, release)
      if (root === undefined) continue
      const known = new Set(paths)
      const names = [DATASET_META, LABEL_COLORS]
      return {
        root,
        release,
        items: itemsOf(paths, root, { release, segmentation }),
        labels: names.map((name) => root + name).find((path) => known.has(path)),
      }
    }
  }
  return undefined
}

/** What stands before the folder of segmentations, when the folder of images is beside it. */
function rootOf(
  paths: readonly string[],
  segmentation: string,
  { images }: Release,
): string | undefined {
  const before = (path: string, folder: string): string | undefined => {
    const at = `/${path}`.indexOf(`/${folder}/`)
    return at < 0 ? undefined : path.slice(0, at)
  }
  const withImages = new Set(paths.map((path) => before(path, images)))
  return paths
    .filter((path) => isSegmentation(path, segmentation))
    .map((path) => before(path, segmentation))
    .find((root) => root !== undefined && withImages.has(root))
}

function isSegmentation(path: string, folder: string): boolean {
  return extensionOf(path) === (folder === 'GTTXT' ? 'txt' : 'png')
}

function itemsOf(
  paths: readonly string[],
  root: string,
  { release, segmentation }: { readonly release: Release; readonly segmentation: string },
): readonly SynthiaItem[] {
  interface Item extends SynthiaItem {
    image: string | undefined
    segmentation: string | undefined
    readonly beside: Map<string, string>
  }
  const items = new Map<string, Item>()
  const itemAt = (id: string): Item => {
    const item = items.get(id) ?? {
      id,
      image: undefined,
      segmentation: undefined,
      beside: new Map(),
    }
    items.set(id, item)
    return item
  }
  const idIn = (path: string, folder: string): string | undefined => {
    const start = `${root}${folder}/`
    return path.startsWith(start) ? withoutExtension(path.slice(start.length)) : undefined
  }
  const others: [string, string, string][] = []
  for (const path of paths) {
    const image = isImagePath(path) ? idIn(path, release.images) : undefined
    const own = isSegmentation(path, segmentation) ? idIn(path, segmentation) : undefined
    if (image !== undefined) itemAt(image).image ??= path
    else if (own !== undefined) itemAt(own).segmentation ??= path
    else {
      for (const [role, folder] of release.beside) {
        const id = isImagePath(path) ? idIn(path, folder) : undefined
        if (id !== undefined) others.push([role, id, path])
      }
    }
  }
  for (const [role, id, path] of others) items.get(id)?.beside.set(role, path)
  return [...items.values()]
}
