import type { Folder } from '@dsv/core'
import { SUBSET_FOLDERS } from '../shared/class-folders.ts'

/** One TFRecord file of a dataset. */
export interface TfFile {
  readonly path: string
  readonly subset: string
}

const RECORD_FILE = /\.(?:tfrecords?|record|tfrec)(?:-\d+-of-\d+)?$/iu

/** Finds the TFRecord files of a dataset by name; shards of one set are one subset. */
export async function findTfFiles(folder: Folder): Promise<readonly TfFile[]> {
  const paths = (await folder.list()).filter((path) => RECORD_FILE.test(path))
  return paths.map((path) => ({ path, subset: subsetOf(path) }))
}

/** Finds the label maps of a dataset. */
export async function findLabelMaps(folder: Folder): Promise<readonly string[]> {
  return (await folder.list()).filter((path) => path.toLowerCase().endsWith('.pbtxt'))
}

/** The folder where it is called like a subset, as Roboflow has it, else the name of the file. */
function subsetOf(path: string): string {
  const segments = path.split('/')
  const name = segments.pop() ?? path
  const parent = segments.at(-1)
  if (parent !== undefined && SUBSET_FOLDERS.has(parent.toLowerCase())) return parent
  const stem = name.replace(RECORD_FILE, '').replace(/-\d+-of-\d+$/u, '')
  return stem === '' ? 'default' : stem
}
