import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { closeNumber } from '../shared/close-number.ts'
import { imageTarget, writtenImageName } from '../shared/image-name.ts'
import { jsonEncoder } from '../shared/json-encoder.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import {
  folderOf,
  inSubsetFolder,
  ownExtra,
  planSubsetFiles,
  subsetFilesFrom,
  subsetFilesToJson,
} from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'

const HOLDS: Holdings = { format: 'create-ml', fields: new Set(['category', 'score']) }

/** Writes a file for each subset, with the images beside it. */
export async function writeCreateMl(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const before = new Set(subsetFilesFrom(dataset.layout).map(({ path }) => path))
  const files = planSubsetFiles(dataset, (subset) =>
    inSubsetFolder(subset, '_annotations.createml.json'),
  )
  const names = classNames(dataset.schema, context.onLoss)
  for (const { path, subset } of files) {
    const place = async (name: string, medium: Media): Promise<void> => {
      const target = imageTarget(name, medium, folderOf(path), before.has(path))
      if (medium.blob !== undefined) await folder.placeMedia(target, medium)
    }
    const parts = fileText(dataset, subset, { names, context, place })
    await folder.write(path, textPieces(parts))
  }
  names.reportUnused(context.onLoss)
  return subsetFilesToJson(files)
}

interface Writer {
  readonly names: ClassNames
  readonly context: WriteContext
  readonly place: (name: string, medium: Media) => Promise<void>
}

async function* fileText(
  dataset: DatasetView,
  subset: string,
  writer: Writer,
): AsyncGenerator<string | Uint8Array> {
  const { context } = writer
  const { onLoss } = context
  const encode = jsonEncoder(false)
  let separator = '\n'
  yield '['
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const name = writtenImageName(item, medium, ownExtra(item, 'create-ml')['image'], onLoss)
    await writer.place(name, medium)
    yield separator
    // What the encoder gave is overwritten by the next record.
    yield Buffer.from(encode(recordOf(item, name, writer)))
    separator = ',\n'
  }
  yield '\n]\n'
}

function recordOf(item: AnnotatedItem, name: string, { names, context }: Writer): JsonObject {
  const { image: _image, ...rest } = ownExtra(item, 'create-ml')
  const where = `${item.subset}/${item.id}`
  const annotations = (item.layers[context.layer] ?? []).flatMap((annotation) => {
    const written = annotationOf(annotation, names)
    if (written === undefined) context.onLoss({ what: `annotation: ${annotation.type}`, where })
    else reportAnnotationLosses(annotation, HOLDS, where, context.onLoss)
    return written ?? []
  })
  return { image: name, annotations, ...rest }
}

/** What has no label cannot be written. */
function annotationOf(annotation: Annotation, names: ClassNames): JsonObject | undefined {
  if (annotation.type !== 'box' && annotation.type !== 'label') return undefined
  const label = names.use(annotation.category)
  if (label === undefined || label === '') return undefined
  const own = annotation.extra?.['create-ml']
  const { score } = annotation
  const rest = { ...(score !== undefined && { confidence: score }), ...(isObject(own) && own) }
  if (annotation.type === 'label') return { label, ...rest }
  const { x, y, width, height } = annotation
  const coordinates = {
    x: closeNumber(x + width / 2, x, (centre) => centre - width / 2),
    y: closeNumber(y + height / 2, y, (centre) => centre - height / 2),
    width,
    height,
  }
  return { label, coordinates, ...rest }
}
