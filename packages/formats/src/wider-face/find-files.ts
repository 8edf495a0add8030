import { DATASET_META } from '../shared/dataset-meta.ts'

/** The list of images and boxes of a subset. */
export interface WiderFaceList {
  readonly subset: string
  readonly path: string
}

/** The files of a dataset. */
export interface WiderFaceFiles {
  /** What stands before `wider_face_split/` and `WIDER_<subset>/`: empty or ending in `/`. */
  readonly root: string
  readonly lists: readonly WiderFaceList[]
  /** The file that names the classes. */
  readonly names: string | undefined
}

const LIST = /^(|.*\/)wider_face_([^/]+)_(bbx_gt|filelist)\.txt$/u

/** Finds the files of a dataset by their names. Of two lists of a subset the one with boxes counts. */
export function findWiderFaceFiles(paths: readonly string[]): WiderFaceFiles {
  const lists = new Map<string, WiderFaceList>()
  let root: string | undefined
  for (const path of paths) {
    const [, folder = '', subset = '', kind] = LIST.exec(path) ?? []
    if (subset === '') continue
    root ??= folder.replace(/(?:^|(?<=\/))wider_face_split\/$/u, '')
    if (kind === 'bbx_gt' || !lists.has(subset)) lists.set(subset, { subset, path })
  }
  const known = new Set(paths)
  const names = [DATASET_META, 'labels.txt'].map((name) => (root ?? '') + name)
  return {
    root: root ?? '',
    lists: [...lists.values()],
    names: names.find((path) => known.has(path)),
  }
}
