import {
  type Attributes,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { cellText, cellValue } from '../shared/cell-value.ts'
import { csvBlocks } from '../shared/csv-reader.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { tableColumns } from '../shared/table-head.ts'
import { findTabularFiles } from './find-files.ts'
import { layoutFromJson, layoutToJson, type TabularTable } from './layout.ts'
import { outputColumns } from './output-columns.ts'

/** The column that says the id of an item where it is not the number of its row. */
export const ID_COLUMN = 'item_id'

/**
 * Reads tables row by row. A row is a tabular annotation of all its columns, or of those that the map
 * calls outputs; the other columns are then attributes of the item.
 *
 * @throws `DSV_FORMAT_SYNTAX`, `DSV_MAP_INVALID`
 */
export async function readTabular(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(context.layoutBefore)
  const outputs = context.map === undefined ? before?.outputs : outputColumns(context.map)
  const files = await findTabularFiles(folder)
  if (files.length === 0) {
    skipOrThrow(formatSyntax('*.csv', 'is not in the folder'), '*.csv', context)
  }
  const tables: TabularTable[] = []
  for (const { path, subset } of files) {
    try {
      const columns = await tableColumns(folder, path)
      checkColumns(path, columns)
      tables.push({ path, subset, columns })
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  const known = new Set(tables.flatMap(({ columns }) => columns))
  const missing = outputs?.find((name) => !known.has(name))
  if (missing !== undefined && tables.length > 0) {
    skipOrThrow(formatSyntax(tables[0]?.path ?? '', `has no column ${missing}`), '', context)
  }
  return {
    schema: { categories: [], attributes: [], info: {} },
    layout: layoutToJson({ outputs, tables }),
    items: readItems(folder, tables, outputs, context),
  }
}

function checkColumns(path: string, columns: readonly string[]): void {
  if (columns.length === 0) throw formatSyntax(path, 'has no row of names of columns')
  const twice = columns.find((name, at) => columns.indexOf(name) !== at)
  if (twice !== undefined) throw formatSyntax(path, `has two columns ${JSON.stringify(twice)}`)
}

async function* readItems(
  folder: Folder,
  tables: readonly TabularTable[],
  outputs: readonly string[] | undefined,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for (const table of tables) {
    try {
      yield* readRows(folder, table, outputs, context)
    } catch (error) {
      skipOrThrow(error, table.path, context)
    }
  }
}

async function* readRows(
  folder: Folder,
  { path, subset, columns }: TabularTable,
  outputs: readonly string[] | undefined,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const isOutput = (name: string): boolean => outputs === undefined || outputs.includes(name)
  const idColumn = columns.indexOf(ID_COLUMN)
  const seen = new Set<string>()
  const file = await folder.open(path)
  try {
    for await (const { rows, firstRow } of csvBlocks(file, path)) {
      for (const [at, row] of rows.entries()) {
        context.signal.throwIfAborted()
        const number = firstRow + at
        if (number === 1) continue
        try {
          if (row.length > columns.length) {
            throw formatSyntax(path, `row ${number} has more fields than there are columns`)
          }
          const own = idColumn < 0 ? undefined : cellText(row[idColumn] ?? '')
          const id = own ?? `${number - 2}@${subset}`
          if (idColumn >= 0 && seen.has(id)) {
            throw formatSyntax(path, `row ${number} has the id of another: ${id}`)
          }
          if (idColumn >= 0) seen.add(id)
          const values = valuesOf(columns, row, (name) => name !== ID_COLUMN && isOutput(name))
          const rest = valuesOf(columns, row, (name) => name !== ID_COLUMN && !isOutput(name))
          const isSaid = Object.keys(values).length > 0
          yield {
            subset,
            id,
            media: [],
            ...(Object.keys(rest).length > 0 && { attributes: rest }),
            layers: { [GROUND_TRUTH]: isSaid ? [{ type: 'tabular', values }] : [] },
          }
        } catch (error) {
          skipOrThrow(error, path, context)
        }
      }
    }
  } finally {
    await file.close()
  }
}

function valuesOf(
  columns: readonly string[],
  row: readonly string[],
  isWanted: (name: string) => boolean,
): Attributes {
  const pairs = columns.flatMap((name, at) => {
    const value = isWanted(name) ? cellValue(row[at] ?? '') : undefined
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(pairs)
}
