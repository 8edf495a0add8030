import type {
  AnnotatedItem,
  Attributes,
  DatasetView,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { spoolFile } from '../folder/spool-file.ts'
import { textCell, valueCell } from '../shared/cell-value.ts'
import { csvRow } from '../shared/csv-text.ts'
import {
  type Holdings,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { layoutFromJson, layoutToJson, type TabularLayout, type TabularTable } from './layout.ts'
import { ID_COLUMN } from './read.ts'

/** Further columns are lost: every row would have a cell for each. */
const MAX_COLUMNS = 10_000

/** Writes a table for each subset, its rows in the order of their numbers. */
export async function writeTabular(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const outputs = before?.outputs
  // Columns that no map calls outputs are annotations: attributes of items would be read as such.
  const holds: Holdings = {
    format: 'tabular',
    fields: new Set(),
    itemAttribute: (name) => outputs !== undefined && !outputs.includes(name),
  }
  reportSchemaLosses(dataset.schema, holds, context.onLoss)
  for (const { name } of dataset.schema.categories)
    context.onLoss({ what: 'category', where: name })
  const tables: TabularTable[] = []
  for (const subset of dataset.subsets.length === 0 ? ['default'] : dataset.subsets) {
    const writing: Writing = { dataset, context, holds, outputs, subset }
    const known = before?.tables.find((table) => table.subset === subset)
    const columns = await columnsOf(writing, known?.columns ?? [])
    const path = known?.path ?? `${subset}.csv`
    await folder.write(path, rowsOf(writing, columns))
    tables.push({ path, subset, columns })
  }
  const layout: TabularLayout = { outputs, tables }
  return layoutToJson(layout)
}

interface Writing {
  readonly dataset: DatasetView
  readonly context: WriteContext
  readonly holds: Holdings
  readonly outputs: readonly string[] | undefined
  readonly subset: string
}

/** The columns that there were, and those of new values; one for ids that no row number says. */
async function columnsOf(
  { dataset, context, outputs, subset }: Writing,
  known: readonly string[],
): Promise<readonly string[]> {
  const columns = new Set(known)
  columns.delete(ID_COLUMN)
  const numbers = new Set<number>()
  let count = 0
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    count += 1
    const number = numberOf(item)
    if (number !== undefined) numbers.add(number)
    const values = valuesOf(item, context.layer, outputs)
    for (const name of Object.keys(values)) {
      if (columns.size < MAX_COLUMNS && isColumn(name)) columns.add(name)
    }
  }
  // As many different numbers as rows, all below: then they are those of the rows.
  const isNumbered = numbers.size === count && [...numbers].every((number) => number < count)
  return isNumbered && columns.size > 0 ? [...columns] : [ID_COLUMN, ...columns]
}

function isColumn(name: string): boolean {
  return name !== ID_COLUMN && name !== '' && name === name.trim()
}

function numberOf({ id, subset }: AnnotatedItem): number | undefined {
  if (!id.endsWith(`@${subset}`)) return undefined
  const digits = id.slice(0, -subset.length - 1)
  return /^(?:0|[1-9]\d{0,14})$/u.test(digits) ? Number(digits) : undefined
}

/** What a row says: outputs are in the annotation, everything else belongs to the item. */
function valuesOf(
  { attributes, layers }: AnnotatedItem,
  layer: string,
  outputs: readonly string[] | undefined,
): Attributes {
  const row = layers[layer]?.find(({ type }) => type === 'tabular')
  const values = row?.type === 'tabular' ? Object.entries(row.values) : []
  if (outputs === undefined) return Object.fromEntries(values)
  const rest = Object.entries(attributes ?? {}).filter(([name]) => !outputs.includes(name))
  const own = values.filter(([name]) => outputs.includes(name))
  return Object.fromEntries([...rest, ...own])
}

async function* rowsOf(writing: Writing, columns: readonly string[]): AsyncGenerator<Uint8Array> {
  const { dataset, subset } = writing
  yield Buffer.from(csvRow(columns))
  const spool = spoolFile()
  const places: (readonly [number: number, offset: number])[] = []
  try {
    let next = 0
    for await (const item of dataset.items(subset)) {
      writing.context.signal.throwIfAborted()
      places.push([
        numberOf(item) ?? next,
        spool.append(Buffer.from(rowOf(writing, item, columns))),
      ])
      next += 1
      await spool.settle()
    }
    const ends = new Map(places.map(([, offset], at) => [offset, places[at + 1]?.[1]]))
    for (const [, offset] of places.toSorted(([a], [b]) => a - b)) {
      yield spool.read(offset, (ends.get(offset) ?? spool.sizeBytes) - offset)
    }
  } finally {
    await spool.close()
  }
}

function rowOf(
  { context, holds, outputs }: Writing,
  item: AnnotatedItem,
  columns: readonly string[],
): string {
  const { layer, onLoss } = context
  const where = `${item.subset}/${item.id}`
  reportItemLosses(item, holds, layer, onLoss)
  if (item.media.length > 0) onLoss({ what: 'field: media', where })
  const known = new Set(columns)
  let isFirst = true
  for (const annotation of item.layers[layer] ?? []) {
    if (annotation.type !== 'tabular' || !isFirst) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    isFirst = false
    const names = Object.keys(annotation.values)
    if (names.length === 0) onLoss({ what: 'annotation: tabular', where })
    const isLost = names.some((name) => {
      return !known.has(name) || !isColumn(name) || outputs?.includes(name) === false
    })
    if (isLost) onLoss({ what: 'field: values', where })
    reportAnnotationLosses(annotation, holds, where, onLoss)
  }
  const values = new Map(Object.entries(valuesOf(item, layer, outputs)))
  return csvRow(
    columns.map((name) => {
      if (name === ID_COLUMN) return textCell(item.id)
      const value = values.get(name)
      return value === undefined ? '' : valueCell(value)
    }),
  )
}
