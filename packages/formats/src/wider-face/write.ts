import type {
  AnnotatedItem,
  Category,
  CategoryKey,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'
import { DATASET_META } from '../shared/dataset-meta.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { nameList } from '../shared/name-list.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { type Event, eventFolder, folderName } from './event.ts'
import type { WiderFaceFiles } from './find-files.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'
import { writeRow } from './row.ts'

const HOLDS: Holdings = { format: 'wider-face', fields: new Set() }
const LABEL: Holdings = { format: 'wider-face', fields: new Set(['category']) }
const EMPTY_ROW = `${Array.from({ length: 10 }, () => 0).join(' ')}\n`

/** Writes a list for each subset, the names of the classes, and images in folders of events. */
export async function writeWiderFace(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { onLoss } = context
  const { categories } = dataset.schema
  const before = layoutFromJson(dataset.layout)
  const root = before?.root ?? ''
  const names = before?.names ?? `${root}labels.txt`
  reportSchemaLosses(dataset.schema, HOLDS, onLoss)
  const list = nameList(categories, onLoss)
  const isMeta = names.endsWith(DATASET_META)
  const meta = { labels: categories.map(({ name }) => name) }
  const text = isMeta ? `${JSON.stringify(meta, undefined, 2)}\n` : list
  await folder.write(names, Buffer.from(text))
  const events = new Map(categories.map((category, at) => [category.key, eventFrom(category, at)]))
  for (const { name } of categories) {
    if (folderName(name) !== name) onLoss({ what: 'category', where: name })
  }
  const lists = dataset.subsets.map((subset) => {
    const own = before?.lists.find((each) => each.subset === subset)
    return { subset, path: own?.path ?? `${root}wider_face_split/wider_face_${subset}_bbx_gt.txt` }
  })
  for (const { subset, path } of lists) {
    const writer: Writer = { dataset, folder, context, events, root, subset }
    await folder.write(path, textPieces(recordsOf(writer)))
  }
  if (lists.length === 0) {
    const path = `${root}wider_face_split/wider_face_default_bbx_gt.txt`
    await folder.write(path, new Uint8Array())
    lists.push({ subset: 'default', path })
  }
  const files: WiderFaceFiles = { root, names, lists }
  return layoutToJson(files)
}

function eventFrom({ name, sourceIds }: Category, at: number): Required<Event> {
  const own = sourceIds?.['wider-face']
  const isNumber = typeof own === 'number' && Number.isSafeInteger(own) && own >= 0
  return { name, number: isNumber ? own : at }
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly events: ReadonlyMap<CategoryKey, Required<Event>>
  readonly root: string
  readonly subset: string
}

async function* recordsOf(writer: Writer): AsyncGenerator<string> {
  const { dataset, folder, context, subset, root } = writer
  for await (const item of dataset.items(subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    reportItemLosses(item, HOLDS, context.layer, context.onLoss)
    const { event, rows } = annotationsOf(item, writer)
    const images = `${root}WIDER_${subset}/images/`
    const image = await imagePath(item, medium, event, { dataset, images })
    if (medium.blob !== undefined) await folder.placeMedia(images + image, medium)
    const isList = rows.length === 0
    yield `${image}\n${rows.length}\n${isList ? EMPTY_ROW : rows.join('')}`
  }
}

function annotationsOf(
  item: AnnotatedItem,
  { context: { layer, onLoss }, events }: Writer,
): { readonly event: Required<Event> | undefined; readonly rows: readonly string[] } {
  const where = `${item.subset}/${item.id}`
  let event: Required<Event> | undefined
  const rows: string[] = []
  for (const annotation of item.layers[layer] ?? []) {
    const named = events.get(annotation.category ?? '')
    if (annotation.type === 'box') {
      const { text, holds } = writeRow(annotation, named && folderName(named.name))
      reportAnnotationLosses(annotation, holds, where, onLoss)
      // A box that names no class is a face.
      if (named === undefined && hasFace(events)) onLoss({ what: 'field: category', where })
      rows.push(text)
    } else if (annotation.type === 'label' && named !== undefined && event === undefined) {
      reportAnnotationLosses(annotation, LABEL, where, onLoss)
      event = named
    } else onLoss({ what: `annotation: ${annotation.type}`, where })
  }
  return { event, rows }
}

function hasFace(events: Writer['events']): boolean {
  return [...events.values()].some(({ name }) => name === 'face')
}

/** The image stays where it was, when that is the folder of its event and says its id. */
async function imagePath(
  { id, subset }: AnnotatedItem,
  { path }: Media,
  event: Required<Event> | undefined,
  { dataset, images }: { readonly dataset: DatasetView; readonly images: string },
): Promise<string> {
  const folder = `${eventFolder(event)}/`
  const own = path.startsWith(images) ? path.slice(images.length) : ''
  const stem = withoutExtension(own)
  const short = stem.slice(stem.indexOf('/') + 1)
  // Longer ids are those of images whose short one is taken.
  const isLong = id === stem && (await dataset.item({ subset, id: short })) !== undefined
  const isNamed = id === short || isLong
  const isBare = event !== undefined && own.startsWith(`${event.name}/`)
  const isPlace = own.startsWith(folder) || isBare
  if (own.includes('/') && isNamed && isPlace) return own
  const extension = extensionOf(path)
  const suffix = extension === '' ? '.jpg' : path.slice(-extension.length - 1)
  return `${folder}${safeMediaName(id)}${suffix}`
}
