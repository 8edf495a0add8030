import type { Category, DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { formatLabelMap, type LabelMapItem } from './label-map.ts'
import { layoutFromJson, layoutToJson, type TfLayout } from './layout.ts'
import { type ClassNames, exampleOf } from './write-example.ts'
import { encodeExample } from './tf-example.ts'
import { encodeTfRecord } from './tf-record.ts'

const HOLDS: Holdings = {
  format: 'tf-detection-api',
  fields: new Set(),
  itemAttribute: (name, value) => name === 'source_id' && typeof value === 'string' && value !== '',
}

/** Writes a TFRecord file for each subset, with the images in it, and the label map. */
export async function writeTfDetectionApi(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const layout = layoutFor(dataset, context.variant)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const items = labelMapItems(dataset.schema.categories)
  const names: ClassNames = new Map(
    dataset.schema.categories.map(({ key }, at) => {
      const { id, name } = items[at] ?? { id: 0, name: '' }
      return [key, { id, name }]
    }),
  )
  for (const path of layout.labelMaps) await folder.write(path, Buffer.from(formatLabelMap(items)))
  for (const { path, subset } of layout.files) {
    await folder.write(path, records(dataset, subset, names, context))
  }
  return layoutToJson(layout)
}

async function* records(
  dataset: DatasetView,
  subset: string,
  names: ClassNames,
  context: WriteContext,
): AsyncGenerator<Uint8Array> {
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const bytes = medium.blob === undefined ? new Uint8Array() : await context.readMedia(medium)
    yield encodeTfRecord(encodeExample(exampleOf(item, medium, bytes, names, context)))
  }
}

/** The files that there were, as long as a subset has one; new ones are named as the variant has it. */
function layoutFor(dataset: DatasetView, variant: string | undefined): TfLayout {
  const before = layoutFromJson(dataset.layout)
  const isRoboflow = variant === 'roboflow'
  const own = variant === undefined ? before : undefined
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  const files = subsets.map((subset) => {
    const known = own?.files.filter((file) => file.subset === subset) ?? []
    const usual = isRoboflow ? `${subset}/objects.tfrecord` : `${subset}.tfrecord`
    return { subset, path: known.length === 1 ? (known[0]?.path ?? usual) : usual }
  })
  const labelMaps = own?.labelMaps ?? []
  if (labelMaps.length > 0) return { files, labelMaps }
  const usual = isRoboflow
    ? files.map(({ subset }) => `${subset}/objects_label_map.pbtxt`)
    : ['label_map.pbtxt']
  return { files, labelMaps: usual }
}

/** Ids of label maps begin with 1; those that were read are kept. */
function labelMapItems(categories: readonly Category[]): readonly LabelMapItem[] {
  const used = new Set<number>()
  const wanted = categories.map(({ sourceIds }) => {
    const id = sourceIds?.['tf-detection-api']
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1 || used.has(id))
      return undefined
    used.add(id)
    return id
  })
  let next = 1
  return categories.map(({ name, extra }, at) => {
    while (wanted[at] === undefined && used.has(next)) next += 1
    const id = wanted[at] ?? next
    used.add(id)
    const json = extra?.['tf-detection-api']
    const own = isObject(json) ? json : {}
    const rest = isArray(own['rest']) ? own['rest'].flatMap(restField) : []
    return typeof own['name'] === 'string'
      ? { id, name: own['name'], displayName: name, rest }
      : { id, name, rest }
  })
}

function restField(pair: Json): readonly (readonly [string, Json])[] {
  const [name, value]: readonly (Json | undefined)[] = isArray(pair) ? pair : []
  return typeof name === 'string' && value !== undefined ? [[name, value]] : []
}
