import { isImagePath, isPointCloudPath, withoutExtension } from '../media/media-kind.ts'
import { type SubsetRoot, subsetRoots } from '../shared/subset-roots.ts'

/** The files of one point cloud. */
export interface CloudItem extends SubsetRoot {
  readonly id: string
  /** The name of the cloud below `pointcloud/`. */
  readonly name: string
  readonly annotations?: string
  readonly cloud?: string
  /** Images of the same moment. */
  readonly related: readonly string[]
}

const FILES = /^(|.*?\/)(ann|pointcloud|related_images)\/(.+)$/u
/** The one dataset that Datumaro writes. */
const ONLY_DATASET = 'ds0'

/** Finds the datasets of a project of point clouds, and their items. */
export function findClouds(paths: readonly string[]): {
  readonly roots: readonly SubsetRoot[]
  readonly items: readonly CloudItem[]
} {
  const found = new Set<string>()
  const annotations = new Map<string, string>()
  const clouds = new Map<string, string>()
  const related = new Map<string, string[]>()
  for (const path of paths) {
    const [, root = '', kind, name = ''] = FILES.exec(path) ?? []
    if (kind === 'ann' && name.endsWith('.json')) {
      annotations.set(`${root}\0${name.slice(0, -'.json'.length)}`, path)
    } else if (kind === 'pointcloud' && isPointCloudPath(path)) clouds.set(`${root}\0${name}`, path)
    else if (kind === 'related_images' && isImagePath(path)) {
      const key = `${root}\0${name.slice(0, name.lastIndexOf('/'))}`
      related.set(key, [...(related.get(key) ?? []), path])
      continue
    } else continue
    found.add(root)
  }
  const all = subsetRoots([...found])
  const isOnly = all.length === 1 && all[0]?.subset === ONLY_DATASET
  const roots = isOnly ? all.map(({ root }) => ({ subset: 'default', root })) : all
  const subsetOf = new Map(roots.map(({ subset, root }) => [root, subset]))
  const items = [...new Set([...annotations.keys(), ...clouds.keys()])].map((key): CloudItem => {
    const [root = '', name = ''] = key.split('\0')
    const [own, cloud] = [annotations.get(key), clouds.get(key)]
    return {
      subset: subsetOf.get(root) ?? 'default',
      root,
      name,
      id: isPointCloudPath(name) ? withoutExtension(name) : name,
      ...(own !== undefined && { annotations: own }),
      ...(cloud !== undefined && { cloud }),
      related: related.get(`${root}\0${relatedFolder(name)}`) ?? [],
    }
  })
  return { roots, items }
}

/** Returns the folder of the images of a cloud: its name with `_` for the dot before the extension. */
export function relatedFolder(name: string): string {
  return name.replace(/\.(?=[^./]+$)/u, '_')
}

/** Returns the folder of a subset: that of Datumaro for the only one. */
export function datasetFolder(subset: string): string {
  return subset === 'default' ? ONLY_DATASET : subset
}
