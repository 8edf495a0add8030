import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf, isImagePath } from '../media/media-kind.ts'
import { valueCell } from '../shared/cell-value.ts'
import { csvRow } from '../shared/csv-text.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { folderOf } from './find-files.ts'
import { huggingFaceFormat } from './format.ts'
import { type HubTable, layoutFromJson, layoutToJson } from './layout.ts'
import { type ColumnPlan, planColumns } from './plan-columns.ts'
import { stemOf } from './read.ts'
import type { ParquetRow } from './write-parquet.ts'
import { type PlainRow, rowOfItem } from './write-row.ts'

const HOLDS: Holdings = {
  format: 'hugging-face',
  fields: new Set([
    'category',
    'score',
    'group',
    'track',
    'zOrder',
    'occluded',
    'outside',
    'truncated',
    'sourceId',
    'area',
    'crowd',
  ]),
  attribute: () => true,
  itemAttribute: () => true,
}

/** Writes a folder of images with a table for each subset, or Parquet files with images inside. */
export async function writeHuggingFace(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const wanted = context.variant ?? before?.variant
  const variant = wanted === 'parquet' ? 'parquet' : 'imagefolder'
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const names = classNames(dataset)
  const plan = await planColumns(dataset, context, (item) => idOf(fileNameOf(item)) === item.id)
  const hasClasses = variant === 'parquet' && (plan.labels > 0 || plan.hasObjects)
  if (!hasClasses) {
    // Names of classes stand in the rows alone.
    for (const { key, name } of dataset.schema.categories) {
      if (!plan.usedCategories.has(key)) context.onLoss({ what: 'category', where: name })
    }
  }
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  const tables: HubTable[] = []
  for (const subset of subsets) {
    const known = (before?.variant === variant ? before.tables : []).filter(
      (table) => table.subset === subset,
    )
    const table = tableFor(subset, variant, plan, known)
    const writing: Writing = { dataset, folder, context, plan, names, table }
    await folder.write(table.path, variant === 'parquet' ? parquetOf(writing) : tableOf(writing))
    tables.push(table)
  }
  return layoutToJson({ variant, tables })
}

interface Writing {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly plan: ColumnPlan
  readonly names: ReadonlyMap<string, string>
  readonly table: HubTable
}

/** The table that there was, where it can hold the columns. */
function tableFor(
  subset: string,
  variant: 'imagefolder' | 'parquet',
  plan: ColumnPlan,
  known: readonly HubTable[],
): HubTable {
  const name = safeMediaName(subset)
  const [own] = known
  if (variant === 'parquet') {
    const path = known.length === 1 ? own?.path : undefined
    return { path: path ?? `data/${name}-00000-of-00001.parquet`, subset, kind: 'parquet' }
  }
  const root = own === undefined ? `${name}/` : folderOf(own.path)
  if (own?.kind === 'csv' && isFlatTable(plan)) return own
  return { path: `${root}metadata.jsonl`, subset, kind: 'jsonl' }
}

function isFlatTable(plan: ColumnPlan): boolean {
  const hasLists = plan.hasObjects || plan.labels > 1 || plan.captions > 0 || plan.hasTags
  return (
    !hasLists &&
    !plan.hasOtherAttributes &&
    [...plan.fields.values()].every((kind) => kind !== 'json')
  )
}

/** Names of categories by key, each another. */
function classNames({ schema }: DatasetView): ReadonlyMap<string, string> {
  const used = new Set<string>()
  return new Map(
    schema.categories.map(({ key, name }) => {
      let own = name === '' || used.has(name) ? key : name
      while (used.has(own)) own += "'"
      used.add(own)
      return [key, own]
    }),
  )
}

/** What is written of one item. */
interface WrittenItem {
  readonly item: AnnotatedItem
  readonly medium: Media
  readonly fileName: string
}

async function* itemsOf({ dataset, context, table }: Writing): AsyncGenerator<WrittenItem> {
  const used = new Set<string>()
  for await (const item of dataset.items(table.subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses({ ...item, tags: [] }, HOLDS, context.layer, context.onLoss)
    reportLosses(item, context)
    const usual = fileNameOf(item)
    let fileName = usual
    for (let number = 2; used.has(fileName); number += 1) fileName = `${number}-${usual}`
    used.add(fileName)
    yield { item, medium, fileName }
  }
}

function reportLosses(item: AnnotatedItem, { layer, onLoss }: WriteContext): void {
  const where = `${item.subset}/${item.id}`
  for (const annotation of item.layers[layer] ?? []) {
    const { type } = annotation
    if (!huggingFaceFormat.holds.has(type)) onLoss({ what: `annotation: ${type}`, where })
    else reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    if (annotation.type === 'caption' && annotation.language !== undefined) {
      onLoss({ what: 'field: language', where })
    }
  }
}

function fileNameOf({ id, media }: AnnotatedItem): string {
  const path = media[0]?.path ?? ''
  const extension = isImagePath(path) ? path.slice(-extensionOf(path).length) : 'jpg'
  return `${safeMediaName(id)}.${extension}`
}

function idOf(fileName: string): string {
  return stemOf(fileName)
}

async function* parquetOf(writing: Writing): AsyncGenerator<Uint8Array> {
  const { plan, names } = writing
  const { parquetBytes } = await import('./write-parquet.ts')
  yield* parquetBytes({ plan, names: [...names.values()], rows: parquetRowsOf(writing) })
}

async function* parquetRowsOf(writing: Writing): AsyncGenerator<ParquetRow> {
  const { context, plan, names } = writing
  const numbers = new Map([...names.keys()].map((key, at) => [key, at]))
  const nameOf = (category: string): Json => numbers.get(category) ?? null
  for await (const { item, medium, fileName } of itemsOf(writing)) {
    const bytes = medium.blob === undefined ? undefined : await context.readMedia(medium)
    yield { row: rowOfItem(item, { plan, layer: context.layer, nameOf }), fileName, bytes }
  }
}

function tableOf(writing: Writing): AsyncIterable<Uint8Array> {
  return textPieces(writing.table.kind === 'csv' ? csvLines(writing) : jsonLinesOf(writing))
}

async function* jsonLinesOf(writing: Writing): AsyncGenerator<string> {
  for await (const row of rowsOf(writing)) yield `${JSON.stringify(row)}\n`
}

async function* csvLines(writing: Writing): AsyncGenerator<string> {
  const { plan } = writing
  const columns = [
    'file_name',
    ...(plan.isNamed ? ['item_id'] : []),
    ...(plan.isSized ? ['width', 'height'] : []),
    ...(plan.labels > 0 ? ['label'] : []),
    ...plan.fields.keys(),
  ]
  yield csvRow(columns)
  for await (const row of rowsOf(writing)) {
    yield csvRow(
      columns.map((name) => {
        const value = row[name]
        if (name === 'file_name' || name === 'item_id')
          return typeof value === 'string' ? value : ''
        const isScalar = typeof value !== 'object' && value !== undefined
        return isScalar ? valueCell(value) : ''
      }),
    )
  }
}

async function* rowsOf(writing: Writing): AsyncGenerator<PlainRow> {
  const { folder, context, plan, names, table } = writing
  const nameOf = (category: string): Json => names.get(category) ?? category
  for await (const { item, medium, fileName } of itemsOf(writing)) {
    const path = `${folderOf(table.path)}${fileName}`
    if (medium.blob !== undefined) await folder.placeMedia(path, medium)
    yield { file_name: fileName, ...rowOfItem(item, { plan, layer: context.layer, nameOf }) }
  }
}
