import type { Folder } from '@dsv/core'

/** What a CSV file of a subset lists. */
export type OpenImagesKind = 'images' | 'boxes' | 'human-labels' | 'machine-labels' | 'masks'

/** One CSV file of a dataset. */
export interface OpenImagesFile {
  readonly kind: OpenImagesKind
  readonly path: string
  /** Undefined where a column says it for each image. */
  readonly subset: string | undefined
}

/** The files of a dataset. */
export interface OpenImagesFiles {
  /** What stands before `annotations/`, `images/` and `masks/`: empty or ending in `/`. */
  readonly root: string
  readonly descriptions: readonly string[]
  readonly hierarchy: string | undefined
  /** Sizes of images, as Datumaro writes them. */
  readonly sizes: string | undefined
  readonly tables: readonly OpenImagesFile[]
}

const VERSION = /^oidv\d+-/u
const DESCRIPTIONS = /^class-descriptions(?:-boxable)?\.csv$/u
const HIERARCHY = /^bbox_labels_\d+_hierarchy\.json$/u
const TABLES: readonly (readonly [OpenImagesKind, RegExp])[] = [
  ['boxes', /^(.+)-annotations-bbox\.csv$/u],
  ['human-labels', /^(.+)-annotations-human-imagelabels(?:-boxable)?\.csv$/u],
  ['machine-labels', /^(.+)-annotations-machine-imagelabels\.csv$/u],
  ['masks', /^(.+)-annotations-object-segmentation\.csv$/u],
  ['images', /^(.+?)-(?:images|image_ids)[\w-]*\.csv$/u],
  ['images', /^image_ids_and_rotation\.csv$/u],
]

/** Finds the files of a dataset by their names, whatever folder they are in. */
export async function findOpenImagesFiles(folder: Folder): Promise<OpenImagesFiles> {
  const files = (await folder.list()).map((path) => {
    const start = path.lastIndexOf('/') + 1
    return { path, name: path.slice(start).replace(VERSION, ''), folder: path.slice(0, start) }
  })
  const tables = files.flatMap(({ path, name }) => tableOf(path, name) ?? [])
  const descriptions = files.filter(({ name }) => DESCRIPTIONS.test(name))
  const known = new Set([...tables, ...descriptions].map(({ path }) => path))
  const first = files.find(({ path }) => known.has(path))?.folder ?? ''
  return {
    root: first.replace(/(?:^|(?<=\/))annotations\/$/u, ''),
    descriptions: descriptions.map(({ path }) => path),
    hierarchy: files.find(({ name }) => HIERARCHY.test(name))?.path,
    sizes: files.find(({ name }) => name === 'images.meta')?.path,
    tables,
  }
}

function tableOf(path: string, name: string): OpenImagesFile | undefined {
  for (const [kind, pattern] of TABLES) {
    const match = pattern.exec(name)
    if (match !== null) return { kind, path, subset: match[1] }
  }
  return undefined
}
