import type { Folder } from '@dsv/core'
import { SUBSET_FOLDERS } from '../shared/class-folders.ts'
import type { SubsetFile } from '../shared/subset-files.ts'

/** Finds the zip files of a folder; one is a subset when it is called like one, else of `default`. */
export async function findZipFiles(folder: Folder): Promise<readonly SubsetFile[]> {
  const paths = (await folder.list()).filter((path) => path.toLowerCase().endsWith('.zip'))
  return paths.map((path) => {
    const stem = path.slice(path.lastIndexOf('/') + 1, -'.zip'.length)
    return { path, subset: isSubset(stem) ? stem : 'default' }
  })
}

/** Returns whether a zip file of this name is read as a subset of this name. */
export function isSubset(stem: string): boolean {
  return SUBSET_FOLDERS.has(stem.toLowerCase())
}
