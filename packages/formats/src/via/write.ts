import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { imageTarget, writtenImageName } from '../shared/image-name.ts'
import { jsonEncoder } from '../shared/json-encoder.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { folderOf, inSubsetFolder, ownExtra, planSubsetFiles } from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { layoutFromJson, layoutToJson, type ViaFile, type ViaLayout } from './layout.ts'
import { projectAttributes, projectSettings } from './project.ts'
import { regionsOf } from './write-regions.ts'

const HOLDS: Holdings = { format: 'via', fields: new Set(), itemAttribute: () => true }

/** Writes a project or the annotations alone for each subset, with the images beside. */
export async function writeVia(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const layout = layoutFor(dataset, context.variant)
  const before = new Set(layoutFromJson(dataset.layout).files.map(({ path }) => path))
  const names = classNames(dataset.schema, context.onLoss)
  for (const file of layout.files) {
    const place = async (name: string, medium: Media): Promise<void> => {
      const target = imageTarget(name, medium, folderOf(file.path), before.has(file.path))
      if (medium.blob !== undefined) await folder.placeMedia(target, medium)
    }
    const classAttribute = layout.classAttribute ?? 'label'
    const parts = fileText(dataset, file, { names, classAttribute, context, place })
    await folder.write(file.path, textPieces(parts))
  }
  // A project lists its classes.
  if (layout.files.every(({ isProject }) => !isProject)) names.reportUnused(context.onLoss)
  return layoutToJson(layout)
}

function layoutFor(dataset: DatasetView, variant: string | undefined): ViaLayout {
  const before = layoutFromJson(dataset.layout)
  const isWanted = ({ isProject }: ViaFile): boolean =>
    variant === undefined || isProject === (variant === 'project')
  const isProject =
    variant === undefined ? (before.files[0]?.isProject ?? true) : variant === 'project'
  const name = isProject ? 'via_project.json' : 'via_region_data.json'
  const files = planSubsetFiles(dataset, (subset) => inSubsetFolder(subset, name))
  return {
    classAttribute: before.classAttribute ?? 'label',
    files: files.map(({ subset }): ViaFile => {
      const known = before.files.find((file) => file.subset === subset)
      return known !== undefined && isWanted(known)
        ? known
        : { subset, path: inSubsetFolder(subset, name), isProject, members: {} }
    }),
  }
}

interface Writer {
  readonly names: ClassNames
  readonly classAttribute: string
  readonly context: WriteContext
  readonly place: (name: string, medium: Media) => Promise<void>
}

async function* fileText(
  dataset: DatasetView,
  { isProject, members, path, subset }: ViaFile,
  writer: Writer,
): AsyncGenerator<string | Uint8Array> {
  const { _via_settings: settings, _via_attributes: attributes, ...others } = members
  const keys: string[] = []
  const seen = { region: new Set<string>(), file: new Set<string>() }
  if (isProject) {
    const written = settings ?? projectSettings(path, writer.classAttribute)
    yield `{"_via_settings":${JSON.stringify(written)},\n"_via_img_metadata":`
  }
  yield* imagesText(dataset, subset, writer, (key, image) => {
    keys.push(key)
    noteAttributes(image, seen)
  })
  if (!isProject) return
  const { categories } = dataset.schema
  const declared = projectAttributes(attributes, {
    classAttribute: writer.classAttribute,
    classes: categories.map(({ name }) => name),
    ...seen,
  })
  const rest: JsonObject = {
    _via_attributes: declared,
    _via_data_format_version: '2.0.10',
    ...others,
    _via_image_id_list: keys,
  }
  const text = Object.entries(rest).map(
    ([name, value]) => `,\n${JSON.stringify(name)}:${JSON.stringify(value)}`,
  )
  yield `${text.join('')}}\n`
}

async function* imagesText(
  dataset: DatasetView,
  subset: string,
  writer: Writer,
  onImage: (key: string, image: JsonObject) => void,
): AsyncGenerator<string | Uint8Array> {
  const { context } = writer
  const encode = jsonEncoder(false)
  let separator = '\n'
  yield '{'
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const kept = ownExtra(item, 'via')['filename']
    const filename = writtenImageName(item, medium, kept, context.onLoss)
    await writer.place(filename, medium)
    const image = imageRecord(item, filename, medium, writer)
    const key = `${filename}${JSON.stringify(image['size'])}`
    onImage(key, image)
    yield `${separator}${JSON.stringify(key)}:`
    // What the encoder gave is overwritten by the next record.
    yield Buffer.from(encode(image))
    separator = ',\n'
  }
  yield '\n}'
}

function imageRecord(
  item: AnnotatedItem,
  filename: string,
  { sizeBytes }: Media,
  { names, classAttribute, context }: Writer,
): JsonObject {
  const { filename: _f, size, file_attributes: about, ...rest } = ownExtra(item, 'via')
  const where = `${item.subset}/${item.id}`
  const target = { names, classAttribute, where, onLoss: context.onLoss }
  return {
    filename,
    size: sizeBytes ?? size ?? -1,
    regions: (item.layers[context.layer] ?? []).flatMap((each) => regionsOf(each, target)),
    file_attributes: { ...item.attributes, ...(isObject(about) ? about : {}) },
    ...rest,
  }
}

function noteAttributes(
  { regions, file_attributes: about }: JsonObject,
  seen: { readonly region: Set<string>; readonly file: Set<string> },
): void {
  for (const name of Object.keys(isObject(about) ? about : {})) seen.file.add(name)
  for (const region of Array.isArray(regions) ? regions : []) {
    const said = isObject(region) ? region['region_attributes'] : undefined
    for (const name of Object.keys(isObject(said) ? said : {})) seen.region.add(name)
  }
}
