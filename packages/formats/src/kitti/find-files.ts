import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { DATASET_META } from '../shared/dataset-meta.ts'
import { LABEL_COLORS } from '../shared/label-colors-file.ts'

/** What a folder of KITTI holds for each image. */
export type KittiRole =
  | 'image'
  | 'labels'
  | 'instance'
  | 'semantic'
  | 'right'
  | 'velodyne'
  | 'calib'

/** The folders of a subset by role. */
export const KITTI_FOLDERS: ReadonlyMap<KittiRole, string> = new Map([
  ['image', 'image_2'],
  ['labels', 'label_2'],
  ['instance', 'instance'],
  ['semantic', 'semantic'],
  ['right', 'image_3'],
  ['velodyne', 'velodyne'],
  ['calib', 'calib'],
])

/** The files of one item. */
export interface KittiItem {
  readonly subset: string
  readonly id: string
  readonly files: ReadonlyMap<KittiRole, string>
}

/** The files of a dataset. */
export interface KittiFiles {
  /** What stands before the folders of subsets: empty or ending in `/`. */
  readonly root: string
  /** Whether there are folders for subsets. */
  readonly hasSubsets: boolean
  readonly items: readonly KittiItem[]
  /** Folders like those of subsets that lie elsewhere. */
  readonly others: readonly string[]
  /** The file that names the classes of masks. */
  readonly labels: string | undefined
}

const PLACE =
  /^((?:.*?\/)??)(image_2|label_2|instance|semantic|image_3|velodyne|calib)\/(.+\.[a-z0-9]+)$/iu

/** Finds images, annotations and what else was measured by their names. */
export function findKittiFiles(paths: readonly string[]): KittiFiles {
  const roles = new Map([...KITTI_FOLDERS].map(([role, name]) => [name, role]))
  const items = new Map<string, KittiItem & { readonly files: Map<KittiRole, string> }>()
  const tops = new Set<string>()
  for (const path of paths) {
    const [, top = '', folder = '', rest = ''] = PLACE.exec(path) ?? []
    const role = roles.get(folder)
    if (role === undefined || !isOfRole(rest, role)) continue
    // Point clouds and calibrations alone are no items of this format.
    if (OWN_ROLES.has(role)) tops.add(top)
    const [subset, id] = [top.split('/').at(-2) ?? 'default', withoutExtension(rest)]
    const key = `${top}\0${id}`
    const item = items.get(key) ?? { subset, id, files: new Map<KittiRole, string>() }
    items.set(key, item)
    if (!item.files.has(role)) item.files.set(role, path)
  }
  const [first = ''] = tops
  const hasSubsets = first !== ''
  const labelFile = paths.find((path) => LABEL_FILES.has(path.slice(path.lastIndexOf('/') + 1)))
  const fallback = labelFile?.slice(0, labelFile.lastIndexOf('/') + 1) ?? ''
  const root = tops.size === 0 ? fallback : parentOf(first)
  const known = new Set(paths)
  return {
    root,
    hasSubsets,
    items: [...items]
      .filter(([key, { files }]) => {
        return parentOf(key.slice(0, key.indexOf('\0'))) === root && hasOwnRole(files)
      })
      .map(([, item]) => item),
    others: [...tops].filter((top) => parentOf(top) !== root),
    labels: [...LABEL_FILES].map((name) => root + name).find((path) => known.has(path)),
  }
}

const LABEL_FILES: ReadonlySet<string> = new Set([DATASET_META, LABEL_COLORS])
const OWN_ROLES: ReadonlySet<KittiRole> = new Set(['image', 'labels', 'instance', 'semantic'])

function hasOwnRole(files: ReadonlyMap<KittiRole, string>): boolean {
  return [...OWN_ROLES].some((role) => files.has(role))
}

/** The folder around the folder of a subset; the folder itself where there are no subsets. */
function parentOf(top: string): string {
  return top.slice(0, top.lastIndexOf('/', top.length - 2) + 1)
}

function isOfRole(name: string, role: KittiRole): boolean {
  if (role === 'labels' || role === 'calib') return name.endsWith('.txt')
  if (role === 'velodyne') return name.endsWith('.bin')
  return role === 'image' || role === 'right' ? isImagePath(name) : name.endsWith('.png')
}
