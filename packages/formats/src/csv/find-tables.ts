import type { Folder } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { fieldsOf, firstLineOf } from '../shared/table-head.ts'
import type { ColumnMap } from './column-map.ts'
import { guessByRow, guessColumns } from './guess-columns.ts'
import { templatesOf } from './column-map.ts'

/** A table of a dataset and how it is read. */
export interface CsvTable {
  readonly path: string
  readonly delimiter: string
  /** Names of the columns; numbers from 0 where the first row names none. */
  readonly columns: readonly string[]
  readonly map: ColumnMap
  /** The subset that its name or folder says; undefined where a column does. */
  readonly subset: string | undefined
}

const EXTENSIONS: ReadonlySet<string> = new Set(['csv', 'tsv', 'txt'])
/** Tables of other formats, and our own list of classes. */
const OTHERS = /(?:^|\/)(?:metadata|classes|class-descriptions)\.csv$/u
const SUBSETS = /^(?:train|training|val|valid|validation|dev|test|testing)$/u

/**
 * Finds the tables of a folder: with a map those that have its columns, else those that look so, in the
 * first `limit` files. Text files are lists of many kinds: they count where there are no tables.
 */
export async function findTables(
  folder: Folder,
  map: ColumnMap | undefined,
  limit: number = Infinity,
): Promise<readonly CsvTable[]> {
  const paths = (await folder.list()).filter((path) => isCandidate(path, map))
  const isText = (path: string): boolean => extensionOf(path) === 'txt'
  for (const kind of [paths.filter((path) => !isText(path)), paths.filter(isText)]) {
    const tables: CsvTable[] = []
    for (const path of kind.slice(0, limit)) {
      const table = await openTable(folder, path, map)
      if (table !== undefined) tables.push(table)
    }
    if (tables.length > 0) return tables
  }
  return []
}

function isCandidate(path: string, map: ColumnMap | undefined): boolean {
  if (map?.file !== undefined) return matches(path, map.file)
  return EXTENSIONS.has(extensionOf(path)) && !OTHERS.test(path)
}

/** A name or path; `*` stands for any text. */
function matches(path: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&'))
  return new RegExp(`(?:^|/)${parts.join('.*')}$`, 'u').test(path)
}

async function openTable(
  folder: Folder,
  path: string,
  wanted: ColumnMap | undefined,
): Promise<CsvTable | undefined> {
  const line = await firstLineOf(folder, path)
  const delimiter = wanted?.delimiter ?? delimiterOf(line, path)
  const row = fieldsOf(line, path, delimiter)
  if (row === undefined) return undefined
  const map = wanted ?? guessColumns(row.map((name) => name.trim())) ?? guessByRow(row)
  if (map === undefined) return undefined
  const columns = map.hasHeader ? row.map((name) => name.trim()) : row.map((_, at) => `${at}`)
  const known = new Set(columns)
  const needed = templatesOf(map).flatMap((template) => template.columns)
  if (wanted !== undefined && !needed.every((name) => known.has(name))) return undefined
  return {
    path,
    delimiter,
    columns,
    map,
    subset: map.subset === undefined ? subsetOf(path) : undefined,
  }
}

function delimiterOf(line: string, path: string): string {
  const plain = line.replaceAll(/"(?:[^"]|"")*"/gu, '')
  const counts = [',', '\t', ';', '|'].map((each) => [each, plain.split(each).length] as const)
  const [best = ',', count = 1] = counts.toSorted((a, b) => b[1] - a[1])[0] ?? []
  if (count > 1) return best
  return extensionOf(path) === 'txt' ? ' ' : ','
}

function subsetOf(path: string): string {
  const [name = '', folder = ''] = path.toLowerCase().split('/').toReversed()
  const words = [...name.split(/[^a-z]+/u), ...folder.split(/[^a-z]+/u)]
  return words.find((word) => SUBSETS.test(word)) ?? 'default'
}
