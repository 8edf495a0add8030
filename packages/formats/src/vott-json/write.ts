import type {
  AnnotatedItem,
  Category,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { exportPath } from '../shared/export-files.ts'
import { imageTarget, writtenImageName } from '../shared/image-name.ts'
import { jsonEncoder } from '../shared/json-encoder.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { folderOf, ownExtra, planSubsetFiles } from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { assetId } from './asset-id.ts'
import { layoutFromJson, layoutToJson, type VottFile } from './layout.ts'
import { formatColor } from './tag-color.ts'
import { regionsOf } from './write-regions.ts'

const FORMAT = 'vott-json'
const HOLDS: Holdings = {
  format: FORMAT,
  fields: new Set(),
  categoryFields: new Set(['color']),
}

/** Writes an export for each subset, with the images beside it. */
export async function writeVottJson(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const before = layoutFromJson(dataset.layout)
  const files = planSubsetFiles(dataset, (subset) => exportPath(subset, 'json')).map(
    ({ path, subset }): VottFile => {
      const known = before.find((file) => file.path === path)
      return known ?? { path, subset, members: { name: subset, version: '2.2.0' } }
    },
  )
  const names = classNames(dataset.schema, context.onLoss)
  for (const file of files) {
    const isKept = before.some(({ path }) => path === file.path)
    const place = async (name: string, medium: Media): Promise<void> => {
      const target = imageTarget(name, medium, folderOf(file.path), isKept)
      if (medium.blob !== undefined) await folder.placeMedia(target, medium)
    }
    await folder.write(file.path, textPieces(fileText(dataset, file, { names, context, place })))
  }
  return layoutToJson(files)
}

interface Writer {
  readonly names: ClassNames
  readonly context: WriteContext
  readonly place: (name: string, medium: Media) => Promise<void>
}

async function* fileText(
  dataset: DatasetView,
  { subset, members }: VottFile,
  { names, context, place }: Writer,
): AsyncGenerator<string | Uint8Array> {
  const { onLoss } = context
  const encode = jsonEncoder(false)
  yield '{'
  for (const [name, value] of Object.entries(members)) {
    yield `${JSON.stringify(name)}:${JSON.stringify(value)},\n`
  }
  yield `"tags":${JSON.stringify(dataset.schema.categories.map(tagOf))},\n"assets":{`
  let separator = '\n'
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, onLoss)
    const name = writtenImageName(item, medium, ownExtra(item, FORMAT)['name'], onLoss)
    await place(name, medium)
    const target = { names, where: `${item.subset}/${item.id}`, onLoss }
    const regions = regionsOf(item.layers[context.layer] ?? [], target)
    const asset = assetOf(item, name, medium, regions.length > 0)
    yield `${separator}${JSON.stringify(asset['id'])}:`
    // What the encoder gave is overwritten by the next asset.
    yield Buffer.from(encode({ asset, regions, version: '2.2.0' }))
    separator = ',\n'
  }
  yield '\n}}\n'
}

function tagOf({ name, color, extra }: Category, at: number): JsonObject {
  const own = extra?.[FORMAT]
  return { name, color: formatColor(color, at), ...(isObject(own) && own) }
}

/** States: 1 visited, 2 tagged. Types: 1 image. */
function assetOf(
  item: AnnotatedItem,
  name: string,
  { path: file, width, height }: Media,
  isTagged: boolean,
): JsonObject {
  const { name: kept, path: address, id, state, type, asset } = ownExtra(item, FORMAT)
  const isSame = kept === undefined || kept === name
  const path = (isSame ? address : undefined) ?? name
  return {
    format: extensionOf(file),
    id: (isSame && typeof id === 'string' ? id : undefined) ?? assetId(path),
    name,
    path,
    ...(width !== undefined && height !== undefined && { size: { width, height } }),
    state: state ?? (isTagged ? 2 : 1),
    type: type ?? 1,
    ...(isObject(asset) && asset),
  }
}
