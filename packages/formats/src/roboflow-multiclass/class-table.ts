import { formatSyntax, type Folder } from '@dsv/core'
import { csvBlocks } from '../shared/csv-reader.ts'
import type { SubsetFile } from '../shared/subset-files.ts'

/** The table of a subset, and its columns after the first. */
export interface ClassTable extends SubsetFile {
  readonly classes: readonly string[]
}

/** Whether a file is such a table by its name. */
export function isClassTable(path: string): boolean {
  return /(?:^|\/)_classes\.csv$/u.test(path)
}

/** Reads the names of the columns. @throws `DSV_FORMAT_SYNTAX` */
export async function readHeader(folder: Folder, path: string): Promise<readonly string[]> {
  for await (const { cells } of rowsOf(folder, path)) {
    const [first = '', ...classes] = cells
    if (first.toLowerCase() !== 'filename') throw formatSyntax(path, 'should begin with filename')
    const twice = classes.find((name, at) => name === '' || classes.indexOf(name) !== at)
    if (twice === undefined) return classes
    throw formatSyntax(path, `has a column that is empty or there twice: "${twice}"`)
  }
  throw formatSyntax(path, 'is empty')
}

/** A row, without spaces around its cells, and its number from 1. */
export interface ClassRow {
  readonly cells: readonly string[]
  readonly row: number
}

/**
 * Yields the rows of a table, the names of its columns among them.
 *
 * @yields rows
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function* rowsOf(folder: Folder, path: string): AsyncGenerator<ClassRow> {
  const file = await folder.open(path)
  try {
    for await (const { rows, firstRow } of csvBlocks(file, path)) {
      for (const [at, row] of rows.entries()) {
        yield { cells: row.map((cell) => cell.trim()), row: firstRow + at }
      }
    }
  } finally {
    await file.close()
  }
}
