import type { Folder } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'

/** The images and lists of a dataset. */
export interface Market1501Files {
  /** What stands before `bounding_box_<subset>/` and `query/`: empty or ending in `/`. */
  readonly root: string
  /** Images below the folders of subsets. */
  readonly images: readonly { readonly subset: string; readonly path: string }[]
  readonly lists: readonly { readonly subset: string; readonly path: string }[]
  /** Boxes that people drew; they are of other images than those of the subsets. */
  readonly drawn: string | undefined
}

/** The folder of images that are looked for. */
export const QUERY = 'query'

const TOP = /^((?:.*\/)?)(?:bounding_box_([^/]+)|query|images_([^/]+)\.txt$)(?:\/|$)/u

/** Finds folders called `bounding_box_<subset>` and `query`, and lists of images beside them. */
export async function findMarket1501Files(folder: Folder): Promise<Market1501Files> {
  const paths = await folder.list()
  const first = paths.find((path) => /(?:^|\/)bounding_box_[^/]+\//u.test(path))
  const list = paths.find((path) => /(?:^|\/)images_[^/]+\.txt$/u.test(path))
  const root = TOP.exec(first ?? list ?? '')?.[1] ?? ''
  const images: { subset: string; path: string }[] = []
  const lists: { subset: string; path: string }[] = []
  for (const path of paths.filter((each) => each.startsWith(root))) {
    const [top = '', ...rest] = path.slice(root.length).split('/')
    const listed = /^images_(.+)\.txt$/u.exec(top)?.[1]
    const subset = top === QUERY ? QUERY : /^bounding_box_(.+)$/u.exec(top)?.[1]
    if (listed !== undefined && rest.length === 0) lists.push({ subset: listed, path })
    else if (subset !== undefined && rest.length > 0 && isImagePath(path)) {
      images.push({ subset, path })
    }
  }
  const drawn = paths.find((path) => path.startsWith(`${root}gt_bbox/`))
  return { root, images, lists, drawn }
}
