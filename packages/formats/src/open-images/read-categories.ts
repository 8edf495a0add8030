import type { Category, Folder } from '@dsv/core'
import { csvBlocks } from '../shared/csv-reader.ts'

/** The classes of a dataset, and how their file begins. */
export interface Descriptions {
  readonly categories: ReadonlyMap<string, Category>
  readonly hasHeader: boolean
}

/** Reads class descriptions: machine name (`/m/01g317`) and name (`Person`) of each class. */
export async function readDescriptions(
  folder: Folder,
  paths: readonly string[],
): Promise<Descriptions> {
  const categories = new Map<string, Category>()
  let hasHeader = false
  for (const path of paths) {
    const file = await folder.open(path)
    try {
      for await (const { rows, firstRow } of csvBlocks(file, path)) {
        for (const [at, [machineName = '', name = '']] of rows.entries()) {
          const isHeader = firstRow + at === 1 && machineName === 'LabelName'
          if (isHeader) hasHeader = true
          else if (!categories.has(machineName) && machineName !== '') {
            categories.set(machineName, categoryOf(machineName, name))
          }
        }
      }
    } finally {
      await file.close()
    }
  }
  return { categories, hasHeader }
}

/** Returns the category of a class. */
export function categoryOf(machineName: string, name = ''): Category {
  return {
    key: machineName,
    name: name === '' ? machineName : name,
    sourceIds: { 'open-images': machineName },
  }
}
