import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { labelList } from '../shared/label-list.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { IMAGES_FOLDER, NAMES_FILE } from './find-files.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'
import { formatListLine, parseListLine } from './list-line.ts'

const HOLDS: Holdings = { format: 'imagenet-txt', fields: new Set(['category']) }

/** Writes a list for each subset, the names of classes, and the images. */
export async function writeImagenetTxt(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const layout = layoutFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const { names, indexes } = labelList(dataset.schema.categories, context.onLoss)
  const text = names.map((name) => `${name}\n`).join('')
  await folder.write(`${layout.root}${NAMES_FILE}`, Buffer.from(text))
  const writing: Writing = { folder, context, indexes, root: layout.root, placed: new Map() }
  for (const subset of dataset.subsets) {
    if (`${subset}.txt` === NAMES_FILE) {
      context.onLoss({ what: 'item', where: `subset ${subset}: there is a file of this name` })
      continue
    }
    await folder.write(`${layout.root}${subset}.txt`, textPieces(linesOf(dataset, subset, writing)))
  }
  return layoutToJson(layout)
}

interface Writing {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly indexes: ReadonlyMap<string, number>
  readonly root: string
  /** Which image lies at a path: subsets share one folder. */
  readonly placed: Map<string, string>
}

async function* linesOf(
  dataset: DatasetView,
  subset: string,
  writing: Writing,
): AsyncGenerator<string> {
  const { context, folder, root } = writing
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    const path = placeOf(item, medium, writing)
    if (path === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    if (medium.blob !== undefined) {
      await folder.placeMedia(`${root}${IMAGES_FOLDER}${path}`, medium)
    }
    yield formatListLine({ path, labels: labelsOf(item, writing) })
  }
}

/** Returns the path of an image below the folder of images; undefined when no list can say it. */
function placeOf(
  item: AnnotatedItem,
  medium: Media,
  { placed, context }: Writing,
): string | undefined {
  const extension = extensionOf(medium.path)
  const suffix = extension === '' ? '.jpg' : medium.path.slice(-extension.length - 1)
  const isNamed = item.id.endsWith(suffix) && medium.path.endsWith(item.id)
  const name = isNamed ? item.id : `${item.id}${suffix}`
  const where = `${item.subset}/${item.id}`
  if (
    parseListLine(formatListLine({ path: name, labels: [0] }))?.path !== name ||
    /[\r\n]/u.test(name)
  ) {
    context.onLoss({ what: 'item', where: `${where}: a list cannot hold its name` })
    return undefined
  }
  const image = medium.blob ?? medium.path
  const before = placed.get(name)
  if (before === undefined || before === image) {
    placed.set(name, image)
    return name
  }
  context.onLoss({ what: 'item', where: `${where}: it becomes ${item.subset}/${item.id}` })
  const apart = `${item.subset}/${name}`
  placed.set(apart, image)
  return apart
}

function labelsOf(item: AnnotatedItem, { indexes, context }: Writing): readonly number[] {
  const where = `${item.subset}/${item.id}`
  return (item.layers[context.layer] ?? []).flatMap((annotation) => {
    const index = indexes.get(annotation.category ?? '')
    if (annotation.type !== 'label' || index === undefined) {
      context.onLoss({ what: `annotation: ${annotation.type}`, where })
      return []
    }
    reportAnnotationLosses(annotation, HOLDS, where, context.onLoss)
    return [index]
  })
}
