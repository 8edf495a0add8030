import type { Folder } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'

/** The files of one subset. */
export interface LfwSubset {
  readonly subset: string
  /** What stands before `annotations/` and `images/`: empty or ending in `/`. */
  readonly root: string
  readonly pairs: string | undefined
  readonly people: string | undefined
  readonly landmarks: string | undefined
  readonly images: readonly string[]
}

const FILE = /^((?:.*\/)?)annotations\/(pairs|people|landmarks)\.txt$/u

/** Finds the folders that hold `annotations/pairs.txt`, and what is beside. */
export async function findLfwSubsets(folder: Folder): Promise<readonly LfwSubset[]> {
  const paths = await folder.list()
  const files = new Map<string, Map<string, string>>()
  for (const path of paths) {
    const [, root = '', kind = ''] = FILE.exec(path) ?? []
    if (kind === '') continue
    const known = files.get(root) ?? new Map<string, string>()
    files.set(root, known.set(kind, path))
  }
  return [...files]
    .filter(([, known]) => known.has('pairs'))
    .map(([root, known]) => ({
      subset: root === '' ? 'default' : (root.split('/').at(-2) ?? 'default'),
      root,
      pairs: known.get('pairs'),
      people: known.get('people'),
      landmarks: known.get('landmarks'),
      images: paths.filter((path) => path.startsWith(`${root}images/`) && isImagePath(path)),
    }))
}
