import {
  type AnnotatedItem,
  type Annotation,
  type Category,
  type DatasetView,
  GROUND_TRUTH,
  type Json,
  type Media,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { jsonEncoder } from '../shared/json-encoder.ts'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { CONFIG_PATH, writeConfig } from './label-config.ts'
import { idOfImage, imageOf } from './task-image.ts'
import { studioOf, writeResults } from './write-results.ts'

/**
 * Writes tasks of Label Studio, and the labelling configuration that shows them. Images are named as
 * files of local storage. What results have no member for stands in their `meta`.
 */
export async function writeLabelStudio(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = filesOf(dataset.layout)
  const files = before.length === 0 ? ['tasks.json'] : before
  const plan: Plan = {
    files,
    isKept: before.length > 0,
    nextId: (await highestId(dataset, context)) + 1,
    categories: new Map(dataset.schema.categories.map((category) => [category.key, category])),
  }
  reportSchema(dataset, context)
  for (const file of files) {
    await folder.write(file, textPieces(fileText(dataset, file, plan, context)))
  }
  const config = writeConfig(dataset.schema.categories, context.onLoss)
  await folder.write(CONFIG_PATH, Buffer.from(config))
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const [medium] = item.media
    if (medium?.blob !== undefined) await folder.placeMedia(targetPath(item, medium, plan), medium)
  }
  return { version: 1, files }
}

interface Plan {
  readonly files: readonly string[]
  readonly isKept: boolean
  /** The first number that no task has. */
  nextId: number
  readonly categories: ReadonlyMap<string, Category>
}

function filesOf(layout: Json): readonly string[] {
  if (!isObject(layout) || layout['version'] !== 1 || !isArray(layout['files'])) return []
  return layout['files'].filter((file) => typeof file === 'string')
}

async function highestId(dataset: DatasetView, { signal }: WriteContext): Promise<number> {
  let highest = 0
  for await (const { extra } of dataset.items()) {
    signal.throwIfAborted()
    const { id } = studioOf(extra)
    if (typeof id === 'number' && Number.isSafeInteger(id)) highest = Math.max(highest, id)
  }
  return highest
}

function reportSchema({ schema }: DatasetView, { onLoss }: WriteContext): void {
  for (const { name } of schema.attributes) onLoss({ what: 'attribute definition', where: name })
  for (const { name, parent, supercategory, skeleton, isThing, attributes } of schema.categories) {
    const fields = { parent, supercategory, skeleton, isThing, attributes }
    for (const [field, value] of Object.entries(fields)) {
      if (value !== undefined) onLoss({ what: `field: ${field}`, where: name })
    }
  }
}

async function* fileText(
  dataset: DatasetView,
  file: string,
  plan: Plan,
  context: WriteContext,
): AsyncGenerator<string | Uint8Array> {
  const encode = jsonEncoder(false)
  let isFirst = true
  yield '['
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    if (fileOf(item, plan) !== file) continue
    yield isFirst ? '\n' : ',\n'
    isFirst = false
    // What the encoder gave is overwritten by the next task.
    yield Buffer.from(encode(taskOf(item, plan, context)))
  }
  yield '\n]\n'
}

function fileOf({ extra }: AnnotatedItem, { files }: Plan): string | undefined {
  const { file } = studioOf(extra)
  return files.find((each) => each === file) ?? files[0]
}

function taskOf(item: AnnotatedItem, plan: Plan, context: WriteContext): JsonObject {
  reportItem(item, context)
  const studio = studioOf(item.extra)
  const { annotations, predictions, file: _file, ...rest } = studio
  const data = dataOf(item, rest['data'], plan)
  const image = imageOf(data)
  const named = image?.names[0] === undefined ? undefined : idOfImage(image.names[0])
  const before = isObject(rest['meta']) ? rest['meta'] : {}
  const { dsv_id: _id, ...others } = before
  const meta = named === item.id ? others : { ...others, dsv_id: item.id }
  return {
    ...rest,
    id: rest['id'] ?? plan.nextId++,
    data,
    ...(Object.keys(meta).length === 0 && rest['meta'] === undefined ? {} : { meta }),
    annotations: groupsOf(item, 'annotations', annotations, plan, context),
    predictions: groupsOf(item, 'predictions', predictions, plan, context),
  }
}

function reportItem(item: AnnotatedItem, { onLoss }: WriteContext): void {
  const where = `${item.subset}/${item.id}`
  for (const name of Object.keys(item.attributes ?? {})) {
    onLoss({ what: `item attribute: ${name}`, where })
  }
  if ((item.tags ?? []).length > 0) onLoss({ what: 'field: tags', where })
  for (const { role } of item.media.slice(1)) onLoss({ what: `media: ${role}`, where })
}

function dataOf(item: AnnotatedItem, json: Json | undefined, plan: Plan): JsonObject {
  const { subset: _subset, ...before } = isObject(json) ? json : {}
  const [medium] = item.media
  const subset: JsonObject = item.subset === 'default' ? {} : { subset: item.subset }
  if (imageOf(before) !== undefined || medium === undefined) return { ...before, ...subset }
  const path = targetPath(item, medium, plan).split('/').map(encodeURIComponent).join('/')
  return { ...before, image: `/data/local-files/?d=${path}`, ...subset }
}

/** Annotations or predictions: those that were read, and those of layers that are new. */
function groupsOf(
  item: AnnotatedItem,
  kind: 'annotations' | 'predictions',
  heads: Json | undefined,
  plan: Plan,
  context: WriteContext,
): readonly JsonObject[] {
  const known = (isArray(heads) ? heads : []).filter(isObject)
  const names = known.map(({ layer }) => layer)
  const isOther = (layer: string): boolean => layer.startsWith(`${kind}/`) && !names.includes(layer)
  const isMain = kind === 'annotations' && !names.includes(GROUND_TRUTH)
  const main = item.layers[context.layer] ?? []
  const added = Object.keys(item.layers).filter(
    (layer) => isOther(layer) && layer !== context.layer,
  )
  const target = {
    categories: plan.categories,
    size: sizeOf(item.media[0]),
    where: `${item.subset}/${item.id}`,
    onLoss: context.onLoss,
  }
  const write = (drafts: readonly Annotation[] | undefined): readonly JsonObject[] =>
    writeResults(drafts ?? [], target)
  reportLayers(item, context)
  return [
    ...(isMain && main.length > 0 ? [{ result: write(main) }] : []),
    ...known.map(({ layer, results, ...head }) => {
      const name = typeof layer === 'string' ? layer : ''
      const drafts = name === GROUND_TRUTH ? main : item.layers[name]
      return { ...head, result: [...write(drafts), ...(isArray(results) ? results : [])] }
    }),
    ...added.map((layer) => ({ ...headOf(kind, layer), result: write(item.layers[layer]) })),
  ]
}

function reportLayers(item: AnnotatedItem, { layer: main, onLoss }: WriteContext): void {
  for (const [layer, annotations] of Object.entries(item.layers)) {
    const isHeld = layer === main || /^(?:annotations|predictions)\//u.test(layer)
    if (!isHeld && annotations.length > 0) {
      onLoss({ what: `layer: ${layer}`, where: `${item.subset}/${item.id}` })
    }
  }
}

function headOf(kind: 'annotations' | 'predictions', layer: string): JsonObject {
  const name = layer.slice(kind.length + 1)
  if (kind === 'predictions') return { model_version: name }
  return { completed_by: /^\d{1,15}$/u.test(name) ? Number(name) : { email: name } }
}

function sizeOf(
  medium: Media | undefined,
): { readonly width: number; readonly height: number } | undefined {
  const { width, height } = medium ?? {}
  return width === undefined || height === undefined ? undefined : { width, height }
}

function targetPath(item: AnnotatedItem, medium: Media, { isKept }: Plan): string {
  if (isKept && item.extra?.['label-studio'] !== undefined) return medium.path
  const extension = extensionOf(medium.path)
  const suffix = extension === '' ? '' : medium.path.slice(-extension.length - 1)
  return `images/${safeMediaName(`${item.subset}/${item.id}${suffix}`)}`
}
