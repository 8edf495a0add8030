import type { Category, DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { type GatheredItem, gatherPixels, type GatheredPixels } from '../shared/gather-pixels.ts'
import { type Holdings, reportSchemaLosses } from '../shared/report-losses.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { META_FILES } from './find-files.ts'
import { type CifarLayout, layoutFromJson, layoutToJson } from './layout.ts'
import {
  pickled,
  pickledArray,
  pickledList,
  pickledNumber,
  pickledText,
  pickledTuple,
} from './pickle-text.ts'

const HOLDS: Holdings = {
  format: 'cifar',
  fields: new Set(['category']),
  categoryFields: new Set(['supercategory']),
}
/** The size that needs no `image_sizes`. */
const USUAL_SIDE = 32

/**
 * Writes a pickle for each subset and one of names: CIFAR-100 where categories have a supercategory, else
 * CIFAR-10.
 */
export async function writeCifar(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { categories } = dataset.schema
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const layout = layoutFor(dataset)
  await folder.write(
    `${layout.root}${layout.isFine ? META_FILES.fine : META_FILES.plain}`,
    metaPickle(categories, layout),
  )
  const indexes = new Map(categories.map(({ key }, index) => [key, index]))
  for (const subset of dataset.subsets) {
    if (subset === META_FILES.fine || subset === META_FILES.plain) {
      context.onLoss({ what: 'item', where: `subset ${subset}: there is a file of this name` })
      continue
    }
    const request = { subset, channels: 3, indexes, holds: HOLDS } as const
    const gathered = await gatherPixels(dataset, request, context)
    try {
      const parts = batchPickle(subset, gathered, { categories, layout })
      await folder.write(`${layout.root}${subset}`, textPieces(parts))
    } finally {
      await gathered.spool.close()
    }
  }
  return layoutToJson(layout)
}

function layoutFor({ layout, schema }: DatasetView): CifarLayout {
  const before = layoutFromJson(layout)
  const above = schema.categories.flatMap(({ supercategory }) => supercategory ?? [])
  const known = before?.coarseNames ?? []
  const fresh = [...new Set(above)].filter((name) => !known.includes(name)).toSorted()
  return {
    root: before?.root ?? '',
    isFine: before?.isFine === true || above.length > 0,
    coarseNames: [...known, ...fresh],
  }
}

function metaPickle(categories: readonly Category[], layout: CifarLayout): Uint8Array {
  const names = pickledList(categories.map(({ name }) => pickledText(name)))
  const fields = layout.isFine
    ? [
        pickledText('fine_label_names'),
        names,
        pickledText('coarse_label_names'),
        pickledList(layout.coarseNames.map(pickledText)),
      ]
    : [pickledText('label_names'), names]
  return Buffer.concat([
    pickled.start,
    pickled.dictionary,
    ...fields,
    pickled.endOfDictionary,
    pickled.stop,
  ])
}

interface Classes {
  readonly categories: readonly Category[]
  readonly layout: CifarLayout
}

async function* batchPickle(
  subset: string,
  gathered: GatheredPixels,
  { categories, layout }: Classes,
): AsyncGenerator<Uint8Array> {
  const { items } = gathered
  yield pickled.start
  yield pickled.dictionary
  yield* fieldOf('batch_label', [pickledText(batchLabel(subset))])
  const labels = items.map(({ label }) => label)
  if (layout.isFine) {
    const coarse = labels.map((label) => {
      const name = label === undefined ? undefined : categories[label]?.supercategory
      return name === undefined ? undefined : layout.coarseNames.indexOf(name)
    })
    yield* listField('fine_labels', labels.map(labelOf))
    yield* listField('coarse_labels', coarse.map(labelOf))
  } else yield* listField('labels', labels.map(labelOf))
  yield* listField(
    'filenames',
    items.map(({ id }) => pickledText(`${id}.png`)),
  )
  yield pickledText('data')
  yield* dataArray(gathered)
  const isUsual = items.every(({ width, height }) => width === USUAL_SIDE && height === USUAL_SIDE)
  if (!isUsual) {
    const sizes = items.map(({ height, width }) =>
      pickledTuple([pickledNumber(height), pickledNumber(width)]),
    )
    yield* listField('image_sizes', sizes)
  }
  yield pickled.endOfDictionary
  yield pickled.stop
}

function* fieldOf(name: string, parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield pickledText(name)
  yield* parts
}

function* listField(name: string, parts: readonly Uint8Array[]): Generator<Uint8Array> {
  yield* fieldOf(name, [pickled.list])
  yield* parts
  yield pickled.endOfList
}

function labelOf(label: number | undefined): Uint8Array {
  return label === undefined ? pickled.none : pickledNumber(label)
}

/** As in the original files, for the subsets that are called so. */
function batchLabel(subset: string): string {
  const number = /^data_batch_(\d+)$/u.exec(subset)?.[1]
  if (number !== undefined) return `training batch ${number} of 5`
  return subset === 'test_batch' ? 'testing batch 1 of 1' : subset
}

/** Images of one size are rows of one array; others are an array of arrays, as Datumaro has them. */
async function* dataArray({ items, spool }: GatheredPixels): AsyncGenerator<Uint8Array> {
  const [first] = items
  const isOneSize = items.every(
    ({ width, height }) => width === first?.width && height === first.height,
  )
  const samples = first === undefined ? 0 : first.width * first.height * 3
  const array = pickledArray(
    isOneSize ? [items.length, samples] : [items.length],
    isOneSize ? 'u1' : 'O8',
  )
  yield array.before
  for (const item of items) {
    const planes = planesOf(await spool.read(item.offset, item.width * item.height * 3), item)
    if (isOneSize) yield planes
    else {
      const own = pickledArray([planes.length], 'u1')
      yield own.before
      yield planes
      yield own.after
    }
  }
  yield array.after
}

/** Red, then green, then blue. */
function planesOf(pixels: Uint8Array, { width, height }: GatheredItem): Uint8Array {
  const area = width * height
  const planes = new Uint8Array(area * 3)
  for (let at = 0; at < area; at++) {
    planes[at] = pixels[at * 3] ?? 0
    planes[area + at] = pixels[at * 3 + 1] ?? 0
    planes[area * 2 + at] = pixels[at * 3 + 2] ?? 0
  }
  return planes
}
