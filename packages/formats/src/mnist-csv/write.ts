import type { DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { csvRow } from '../shared/csv-text.ts'
import { DIGITS } from '../shared/digits.ts'
import { type GatheredItem, gatherPixels, type GatheredPixels } from '../shared/gather-pixels.ts'
import { labelList } from '../shared/label-list.ts'
import { type Holdings, reportSchemaLosses } from '../shared/report-losses.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { layoutFromJson, type MnistCsvLayout } from './layout.ts'

const HOLDS: Holdings = { format: 'mnist-csv', fields: new Set(['category']) }
const NO_LABEL = -1
/** The size that needs no table of sizes. */
const USUAL_SIDE = 28

/** Writes a CSV file for each subset; names and other sizes of images go to `meta_<subset>.csv`. */
export async function writeMnistCsv(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const layout = layoutFromJson(dataset.layout)
  const { root } = layout
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const { names, indexes } = labelList(dataset.schema.categories, context.onLoss)
  if (names.join('\n') !== DIGITS.join('\n')) {
    const text = names.map((name) => `${name}\n`).join('')
    await folder.write(`${root}labels.txt`, Buffer.from(text))
  }
  for (const subset of dataset.subsets.length === 0 ? ['train'] : dataset.subsets) {
    const request = { subset, channels: 1, indexes, holds: HOLDS } as const
    const gathered = await gatherPixels(dataset, request, context)
    try {
      await folder.write(`${root}mnist_${subset}.csv`, textPieces(rowsOf(gathered, layout)))
      const meta = metaRows(gathered.items)
      if (meta !== '') await folder.write(`${root}meta_${subset}.csv`, Buffer.from(meta))
    } finally {
      await gathered.spool.close()
    }
  }
  return { ...layout }
}

async function* rowsOf(
  { items, spool }: GatheredPixels,
  { header }: MnistCsvLayout,
): AsyncGenerator<string> {
  if (header !== '') yield `${header}\n`
  for (const { label, offset, width, height } of items) {
    const samples = await spool.read(offset, width * height)
    yield `${label ?? NO_LABEL},${samples.join(',')}\n`
  }
}

function metaRows(items: readonly GatheredItem[]): string {
  const isUsual = items.every(({ id }, index) => id === `${index}`)
  const isUsualSize = items.every(
    ({ width, height }) => width === USUAL_SIDE && height === USUAL_SIDE,
  )
  if (isUsual && isUsualSize) return ''
  return items
    .map(({ id, width, height }) =>
      csvRow([...(isUsual ? [] : [id]), ...(isUsualSize ? [] : [`${height}`, `${width}`])]),
    )
    .join('')
}
