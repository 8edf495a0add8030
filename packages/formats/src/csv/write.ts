import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf, isImagePath } from '../media/media-kind.ts'
import { textCell } from '../shared/cell-value.ts'
import { csvRow } from '../shared/csv-text.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { imageOf, reportItemLosses, reportSchemaLosses } from '../shared/report-losses.ts'
import { type ColumnMap, isWritable, parseColumnMap } from './column-map.ts'
import { guessByRow, guessColumns } from './guess-columns.ts'
import { type CsvLayout, layoutFromJson, layoutToJson, type TableLayout } from './layout.ts'
import { CLASSES, itemIdOf } from './read.ts'
import { columnsFor, HOLDS, isEnough, type Needs, needsOf } from './row-needs.ts'
import { type RowWriter, rowWriter } from './write-row.ts'

/** Writes a table of all annotations, or the tables that there were, with the images beside it. */
export async function writeCsv(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const needs = await needsOf(dataset, context, cellOf)
  const { layout, tables } = planTables(dataset, needs)
  const names = categoryNames(dataset)
  if (names.size > 0) {
    const rows = [...names.values()].map((name) => csvRow([textCell(name)]))
    await folder.write(CLASSES, Buffer.from(csvRow(['class']) + rows.join('')))
  }
  for (const table of tables) {
    const writer = rowWriter(table, names, context)
    const writing = { dataset, folder, context, writer, table, isNew: layout === undefined }
    await folder.write(table.path, rowsOf(writing))
  }
  return layoutToJson({
    map: layout?.map,
    classes: names.size > 0 ? CLASSES : undefined,
    tables,
  })
}

/** A table to write, and what its columns mean. */
export interface WrittenTable extends TableLayout {
  readonly map: ColumnMap
  /** The subsets whose items it holds. */
  readonly subsets: readonly string[]
}

/** The tables that there were where they can hold the dataset, else one for all. */
function planTables(
  { layout: json, subsets }: DatasetView,
  needs: Needs,
): { readonly layout: CsvLayout | undefined; readonly tables: readonly WrittenTable[] } {
  const layout = layoutFromJson(json)
  const kept = (layout?.tables ?? []).flatMap((table) => {
    const map = mapOf(table, layout?.map)
    return map === undefined || !isWritable(map) || !isEnough(map, needs) ? [] : [{ ...table, map }]
  })
  const owners = subsets.map((subset) => ({
    subset,
    table: kept.find((table) => table.subset === subset || table.map.subset !== undefined),
  }))
  const isKept = kept.length > 0 && owners.every(({ table }) => table !== undefined)
  if (!isKept) {
    const columns = columnsFor(needs, subsets)
    const map = guessColumns(columns)
    if (map === undefined) throw new Error('the usual columns are not known')
    const subset = map.subset === undefined ? 'default' : undefined
    const table = { path: 'annotations.csv', subset, delimiter: ',', columns, map, subsets }
    return { layout: undefined, tables: [table] }
  }
  const tables = kept.flatMap((table) => {
    const own = owners.filter((owner) => owner.table === table).map(({ subset }) => subset)
    const columns = [...new Set([...table.columns, ...needs.attributes.keys()])]
    const isAny = own.length > 0 || kept.length === 1
    return isAny ? [{ ...table, columns, subsets: own }] : []
  })
  return { layout, tables }
}

function mapOf({ columns }: TableLayout, map: string | undefined): ColumnMap | undefined {
  if (map !== undefined) return parseColumnMap(map)
  const isNumbered = columns.length > 0 && columns.every((name, at) => name === `${at}`)
  if (!isNumbered) return guessColumns(columns)
  return guessByRow(columns.map((_, at) => (at === 0 ? 'a.jpg' : '0')))
}

/** Names of categories by key; those that another has too are keys. */
function categoryNames({ schema }: DatasetView): ReadonlyMap<string, string> {
  const used = new Set<string>()
  return new Map(
    schema.categories.map(({ key, name }) => {
      const own = used.has(name) || name === '' ? key : name
      used.add(own)
      return [key, own]
    }),
  )
}

/** What is written at a time. */
interface Writing {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly writer: RowWriter
  readonly table: WrittenTable
  readonly isNew: boolean
}

async function* rowsOf(writing: Writing): AsyncGenerator<Uint8Array> {
  const { dataset, context, table, writer } = writing
  if (table.map.hasHeader) yield Buffer.from(csvRow(table.columns, table.delimiter))
  for (const subset of table.subsets) {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      if (medium === undefined) continue
      reportItemLosses(item, HOLDS, context.layer, context.onLoss)
      const cell = cellOf(item, medium)
      await placeImage(writing, item, medium, cell)
      yield Buffer.from(writer.rowsOf(item, medium, cell))
    }
  }
}

async function placeImage(
  { folder, isNew }: Writing,
  { subset }: AnnotatedItem,
  medium: Media,
  cell: string,
): Promise<void> {
  if (medium.blob === undefined) return
  const { path } = medium
  const isFound = !isNew && (path === cell || path.endsWith(`/${cell}`))
  await folder.placeMedia(isFound ? path : `images/${subset}/${cell}`, medium)
}

/** What an image is called in a table. */
function cellOf({ id }: AnnotatedItem, { path }: Media): string {
  const extension = extensionOf(path)
  const suffix = isImagePath(path) ? path.slice(-extension.length - 1) : '.jpg'
  const name = safeMediaName(id)
  const cell = `${name}${suffix}`
  return itemIdOf(cell) === name ? cell : name
}
