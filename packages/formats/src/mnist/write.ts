import type { DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { gzipped } from '../shared/byte-stream.ts'
import { DIGITS } from '../shared/digits.ts'
import { type GatheredItem, gatherPixels, type GatheredPixels } from '../shared/gather-pixels.ts'
import { labelList } from '../shared/label-list.ts'
import { type Holdings, reportSchemaLosses } from '../shared/report-losses.ts'
import { layoutFromJson, type MnistLayout } from './layout.ts'
import { formatMeta, MAX_META_LETTERS } from './meta-table.ts'

const HOLDS: Holdings = { format: 'mnist', fields: new Set(['category']) }
const NO_LABEL = 255
/** The size that needs no table of sizes. */
const USUAL_SIDE = 28

/** Writes two IDX files for each subset; names and other sizes of images go to `<subset>-meta.gz`. */
export async function writeMnist(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const layout = layoutFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const { names, indexes } = labelList(dataset.schema.categories, context.onLoss, NO_LABEL)
  if (names.join('\n') !== DIGITS.join('\n')) {
    const text = names.map((name) => `${name}\n`).join('')
    await folder.write(`${layout.root}labels.txt`, Buffer.from(text))
  }
  for (const subset of dataset.subsets.length === 0 ? ['train'] : dataset.subsets) {
    const request = { subset, channels: 1, indexes, holds: HOLDS } as const
    const gathered = await gatherPixels(dataset, request, context)
    try {
      await writeSubset(subset, gathered, layout, folder, context)
    } finally {
      await gathered.spool.close()
    }
  }
  return { ...layout }
}

async function writeSubset(
  subset: string,
  gathered: GatheredPixels,
  layout: MnistLayout,
  folder: WritableFolder,
  context: WriteContext,
): Promise<void> {
  const { root, separator, isPacked } = layout
  // The stem t10k would be read as the subset test.
  if (subset === 't10k') context.onLoss({ what: 'item', where: 'subset t10k' })
  const stem = subset === 'test' ? 't10k' : subset === 't10k' ? 't10k_' : subset
  const write = async (kind: string, bytes: AsyncIterable<Uint8Array>): Promise<void> =>
    isPacked
      ? folder.write(`${root}${stem}-${kind}-ubyte.gz`, gzipped(bytes))
      : folder.write(`${root}${stem}-${kind}-ubyte`, bytes)
  await write(`images${separator}idx3`, imageBytes(gathered))
  await write(`labels${separator}idx1`, labelBytes(gathered.items))
  const rows = metaRows(gathered.items, subset, context.onLoss)
  if (rows !== undefined) await folder.write(`${root}${subset}-meta.gz`, gzipped(once(rows)))
}

async function* imageBytes({ items, spool }: GatheredPixels): AsyncGenerator<Uint8Array> {
  const head = Buffer.alloc(16)
  head.writeUInt32BE(0x0803, 0)
  head.writeUInt32BE(items.length, 4)
  const [first] = items
  const size = isOneSize(items) ? first : { width: 0, height: 0 }
  head.writeUInt32BE(size?.height ?? USUAL_SIDE, 8)
  head.writeUInt32BE(size?.width ?? USUAL_SIDE, 12)
  yield head
  for (const { offset, width, height } of items) yield spool.read(offset, width * height)
}

async function* labelBytes(items: readonly GatheredItem[]): AsyncGenerator<Uint8Array> {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(0x0801, 0)
  head.writeUInt32BE(items.length, 4)
  yield head
  yield Uint8Array.from(items, ({ label }) => label ?? NO_LABEL)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function metaRows(
  items: readonly GatheredItem[],
  subset: string,
  onLoss: WriteContext['onLoss'],
): Uint8Array | undefined {
  const ids = items.map(({ id }, index) => {
    if (Array.from(id).length <= MAX_META_LETTERS) return id
    onLoss({ what: 'item', where: `${subset}/${id}: its name is longer than 32 letters` })
    return `${index}`
  })
  const isUsual = ids.every((id, index) => id === `${index}`)
  const isUsualSize =
    isOneSize(items) &&
    (items[0]?.width ?? USUAL_SIDE) === USUAL_SIDE &&
    (items[0]?.height ?? USUAL_SIDE) === USUAL_SIDE
  if (isUsual && isUsualSize) return undefined
  return formatMeta(
    items.map(({ height, width }, index) => [
      ...(isUsual ? [] : [ids[index] ?? '']),
      ...(isUsualSize ? [] : [`${height}`, `${width}`]),
    ]),
  )
}

function isOneSize(items: readonly GatheredItem[]): boolean {
  const [first] = items
  return items.every(({ width, height }) => width === first?.width && height === first.height)
}
