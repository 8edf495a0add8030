import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { DATASET_META } from '../shared/dataset-meta.ts'
import { LABEL_COLORS } from '../shared/label-colors-file.ts'

/** What a file of annotations shows. */
export type GroundTruthKind = 'instanceIds' | 'labelIds' | 'labelTrainIds' | 'color' | 'polygons'

/** The files of one image. */
export interface CityscapesItem {
  readonly subset: string
  readonly id: string
  readonly image: string | undefined
  /** `gtFine`, or `gtCoarse` where there is nothing else. */
  readonly quality: string | undefined
  readonly files: ReadonlyMap<GroundTruthKind, string>
  /** Whether there are coarse annotations that give way to fine ones. */
  readonly hasCoarseBeside: boolean
}

/** The files of a dataset. */
export interface CityscapesFiles {
  /** What stands before `gtFine/` and `leftImg8bit/`: empty or ending in `/`. */
  readonly root: string
  /** The file that names other classes than the usual. */
  readonly labels: string | undefined
  readonly items: readonly CityscapesItem[]
  readonly kinds: ReadonlySet<GroundTruthKind>
}

const PLACE = /^((?:.*?\/)??)(leftImg8bit|gtFine|gtCoarse)\/([^/]+)\/(.+)$/u
const GROUND_TRUTH_NAME =
  /^(.+)_(?:gtFine|gtCoarse)_(instanceIds|labelIds|labelTrainIds|color|polygons)\.(?:png|json)$/u

/** Finds images and annotations by their names. */
export function findCityscapesFiles(paths: readonly string[]): CityscapesFiles {
  const found = new Map<string, Found>()
  const kinds = new Set<GroundTruthKind>()
  const root = paths.map((path) => PLACE.exec(path)?.[1]).find((each) => each !== undefined)
  for (const path of paths) {
    const [, start, folder = '', subset = '', rest = ''] = PLACE.exec(path) ?? []
    if (start !== root) continue
    const name = nameOf(rest, folder)
    if (name === undefined) continue
    const key = `${subset}\0${name.id}`
    const item: Found = found.get(key) ?? { subset, id: name.id, images: [], files: new Map() }
    found.set(key, item)
    if (name.kind === undefined) item.images.push(path)
    else {
      kinds.add(name.kind)
      const files = item.files.get(folder) ?? new Map<GroundTruthKind, string>()
      item.files.set(folder, files.set(name.kind, path))
    }
  }
  const labels = paths.find((path) => LABEL_FILES.has(path.slice(path.lastIndexOf('/') + 1)))
  const top = root ?? labels?.slice(0, labels.lastIndexOf('/') + 1) ?? ''
  const known = new Set(paths)
  return {
    root: top,
    labels: [...LABEL_FILES].map((name) => top + name).find((path) => known.has(path)),
    items: [...found.values()].map(itemOf),
    kinds,
  }
}

const LABEL_FILES: ReadonlySet<string> = new Set([DATASET_META, LABEL_COLORS])

interface Found {
  readonly subset: string
  readonly id: string
  readonly images: string[]
  readonly files: Map<string, Map<GroundTruthKind, string>>
}

function nameOf(
  rest: string,
  folder: string,
): { readonly id: string; readonly kind?: GroundTruthKind } | undefined {
  if (folder === 'leftImg8bit') {
    return isImagePath(rest)
      ? { id: withoutExtension(rest).replace(/_leftImg8bit$/u, '') }
      : undefined
  }
  const match = GROUND_TRUTH_NAME.exec(rest)
  const kind = KINDS.find((each) => each === match?.[2])
  return match?.[1] === undefined || kind === undefined ? undefined : { id: match[1], kind }
}

const KINDS: readonly GroundTruthKind[] = [
  'instanceIds',
  'labelIds',
  'labelTrainIds',
  'color',
  'polygons',
]

function itemOf({ subset, id, images, files }: Found): CityscapesItem {
  const quality = ['gtFine', 'gtCoarse'].find((each) => files.has(each))
  return {
    subset,
    id,
    image: images[0],
    quality,
    files: files.get(quality ?? '') ?? new Map(),
    hasCoarseBeside: quality === 'gtFine' && files.has('gtCoarse'),
  }
}
