import type { Folder } from '@dsv/core'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'

/** A table, whose name is that of its subset. */
export interface TabularFile {
  readonly path: string
  readonly subset: string
}

/** Finds the tables of a folder. */
export async function findTabularFiles(folder: Folder): Promise<readonly TabularFile[]> {
  return (await folder.list())
    .filter((path) => extensionOf(path) === 'csv')
    .map((path) => ({ path, subset: withoutExtension(path) }))
}
