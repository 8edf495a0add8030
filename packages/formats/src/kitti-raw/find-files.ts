import { isImagePath, withoutExtension } from '../media/media-kind.ts'

/** The file that describes all tracks of a drive. */
export const TRACKLETS = 'tracklet_labels.xml'

/** The file that says which frame has which name, as Datumaro writes it. */
export const FRAME_LIST = 'frame_list.txt'

/** One recording. */
export interface Drive {
  /** The folder: empty or ending in `/`. */
  readonly root: string
  readonly subset: string
  readonly tracklets: string | undefined
  readonly frameList: string | undefined
  /** Point clouds by the name of their frame. */
  readonly clouds: ReadonlyMap<string, string>
  /** Images by the name of their frame, with the folder of their camera. */
  readonly images: ReadonlyMap<
    string,
    readonly { readonly camera: string; readonly path: string }[]
  >
}

const CLOUD = /^((?:.*\/)?)velodyne_points\/data\/(.+)\.(?:bin|pcd|txt)$/u
const IMAGE = /^((?:.*\/)?)(image_\d+)\/data\/(.+)$/iu

/** Finds recordings: folders with tracks, or with point clouds. */
export function findDrives(paths: readonly string[]): readonly Drive[] {
  const known = new Set(paths)
  const roots = new Set<string>()
  for (const path of paths) {
    if (`/${path}`.endsWith(`/${TRACKLETS}`)) roots.add(path.slice(0, -TRACKLETS.length))
    const root = CLOUD.exec(path)?.[1]
    if (root !== undefined) roots.add(root)
  }
  const drives = new Map<string, OpenDrive>()
  const subsets = new Set<string>()
  for (const root of roots) {
    const last = root.split('/').at(-2) ?? 'default'
    const subset = subsets.has(last) ? root.slice(0, -1).replaceAll('/', '_') : last
    subsets.add(subset)
    const at = (name: string): string | undefined =>
      known.has(root + name) ? root + name : undefined
    const files = { tracklets: at(TRACKLETS), frameList: at(FRAME_LIST) }
    drives.set(root, { root, subset, ...files, clouds: new Map(), images: new Map() })
  }
  for (const path of paths) {
    const [, cloudRoot = '', cloud] = CLOUD.exec(path) ?? []
    const clouds = drives.get(cloudRoot)?.clouds
    if (cloud !== undefined && clouds?.has(cloud) === false) clouds.set(cloud, path)
    const [, imageRoot = '', camera = '', name = ''] = IMAGE.exec(path) ?? []
    const images = drives.get(imageRoot)?.images
    if (images === undefined || name === '' || !isImagePath(name)) continue
    const frame = withoutExtension(name)
    const group = images.get(frame) ?? []
    images.set(frame, group)
    group.push({ camera, path })
  }
  return [...drives.values()]
}

/** A recording whose files are still looked for. */
interface OpenDrive extends Omit<Drive, 'images'> {
  readonly clouds: Map<string, string>
  readonly images: Map<string, { readonly camera: string; readonly path: string }[]>
}
