import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { csvRow } from '../shared/csv-text.ts'
import { isObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { splitClass } from '../shared/split-class.ts'
import { textSpool, type TextSpool } from '../shared/text-spool.ts'
import { NO_LABEL } from './find-files.ts'

const HOLDS: Holdings = {
  format: 'vggface2',
  fields: new Set(['category']),
  categoryFields: new Set(['supercategory']),
}
const LANDMARKS = 'P1X P1Y P2X P2Y P3X P3Y P4X P4Y P5X P5Y'.split(' ')
const BOX = ['X', 'Y', 'W', 'H']

/** Writes a table of landmarks and one of boxes for each subset, and images by class. */
export async function writeVggface2(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const { layout } = dataset
  const root = isObject(layout) && typeof layout['root'] === 'string' ? layout['root'] : ''
  const classes = new Map<string, string>()
  const lines: string[] = []
  const names = new Set<string>()
  for (const { key, name, supercategory = '' } of dataset.schema.categories) {
    if (!isClassName(name) || names.has(name)) {
      context.onLoss({ what: 'category', where: name })
      continue
    }
    names.add(name)
    classes.set(key, name)
    const isPlain = supercategory.trim() === supercategory && !/[\t\r\n]/u.test(supercategory)
    if (!isPlain) context.onLoss({ what: 'category field: supercategory', where: name })
    const rest = isPlain ? supercategory : ''
    lines.push(`${name}${name.includes(' ') ? '\t' : rest === '' ? '' : ' '}${rest}\n`)
  }
  await folder.write(`${root}labels.txt`, Buffer.from(lines.join('')))
  for (const subset of dataset.subsets.length === 0 ? ['default'] : dataset.subsets) {
    await writeSubset({ dataset, folder, context, classes, names, subset, root })
  }
  return { version: 1, root }
}

function isClassName(name: string): boolean {
  return name !== '' && name !== NO_LABEL && !/[\t\r\n]/u.test(name) && !name.startsWith('\ufeff')
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  /** Names of classes by category. */
  readonly classes: ReadonlyMap<string, string>
  readonly names: ReadonlySet<string>
  readonly subset: string
  readonly root: string
}

async function writeSubset(writer: Writer): Promise<void> {
  const { dataset, folder, subset, root } = writer
  const tables: Tables = { landmarks: textSpool(), boxes: textSpool(), used: new Set() }
  try {
    for await (const item of dataset.items(subset)) await writeItem(writer, item, tables)
    const start = `${root}bb_landmark/loose_`
    const head = csvRow(['NAME_ID', ...LANDMARKS])
    await folder.write(`${start}landmark_${subset}.csv`, tables.landmarks.content(head))
    if (tables.boxes.isEmpty()) return
    const boxes = tables.boxes.content(csvRow(['NAME_ID', ...BOX]))
    await folder.write(`${start}bb_${subset}.csv`, boxes)
  } finally {
    await tables.landmarks.close()
    await tables.boxes.close()
  }
}

interface Tables {
  readonly landmarks: TextSpool
  readonly boxes: TextSpool
  readonly used: Set<string>
}

async function writeItem(writer: Writer, item: AnnotatedItem, tables: Tables): Promise<void> {
  const { context, folder, classes, root } = writer
  context.signal.throwIfAborted()
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return
  const where = `${item.subset}/${item.id}`
  const parts = partsOf(item, writer)
  const className = classes.get(
    parts.find(({ category }) => category !== undefined)?.category ?? '',
  )
  const nameId = nameIdOf(item.id, className)
  const isSame = splitClass(nameId, (name) => writer.names.has(name))?.className === className
  if (!isSame || tables.used.has(nameId) || /[\r\n]/u.test(nameId)) {
    context.onLoss({ what: 'item', where: `${where}: its name would mean another image` })
    return
  }
  tables.used.add(nameId)
  if (className !== undefined && nameId !== item.id) {
    context.onLoss({ what: 'item', where: `${where}: it is called ${nameId}` })
  }
  reportItemLosses(item, HOLDS, context.layer, context.onLoss)
  let isListed = false
  for (const part of parts) {
    if ((classes.get(part.category ?? '') ?? undefined) !== className) {
      context.onLoss({ what: 'field: category', where })
    }
    isListed = true
    await addRow(part, nameId, tables)
  }
  if (!isListed) await tables.landmarks.add(csvRow([nameId, ...LANDMARKS.map(() => '')]))
  if (medium.blob === undefined) return
  const extension = extensionOf(medium.path)
  const suffix = extension === '' ? '.jpg' : medium.path.slice(-extension.length - 1)
  const isKept =
    medium.path.endsWith(`${item.subset}/${nameId}${suffix}`) && writer.dataset.layout !== null
  const usual = `${root}${item.subset}/${nameId}${suffix}`
  await folder.placeMedia(isKept ? medium.path : usual, medium)
}

/** A name begins with the class. */
function nameIdOf(id: string, className: string | undefined): string {
  if (className === undefined) return `${NO_LABEL}/${id}`
  return id.startsWith(`${className}/`) ? id : `${className}/${id}`
}

/** The label, the landmarks and the box of an item; reports all else. */
function partsOf(item: AnnotatedItem, { classes, context }: Writer): readonly Annotation[] {
  const { layer, onLoss } = context
  const where = `${item.subset}/${item.id}`
  const parts = new Map<string, Annotation>()
  for (const annotation of item.layers[layer] ?? []) {
    const { type, category = '' } = annotation
    const isHeld =
      (type === 'label' && classes.has(category)) ||
      type === 'box' ||
      (type === 'points' && annotation.points.length === LANDMARKS.length)
    if (!isHeld || parts.has(type)) {
      onLoss({ what: `annotation: ${type}`, where })
      continue
    }
    parts.set(type, annotation)
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    const isHidden = type === 'points' && annotation.visibility.some((seen) => seen !== 2)
    if (isHidden) onLoss({ what: 'field: visibility', where })
  }
  // The label comes first: a row of landmarks after it stands for landmarks alone.
  return ['label', 'points', 'box'].flatMap((type) => parts.get(type) ?? [])
}

async function addRow(
  annotation: Annotation,
  nameId: string,
  { landmarks, boxes }: Tables,
): Promise<void> {
  if (annotation.type === 'label') {
    await landmarks.add(csvRow([nameId, ...LANDMARKS.map(() => '')]))
  } else if (annotation.type === 'points') {
    await landmarks.add(csvRow([nameId, ...annotation.points.map(String)]))
  } else if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    await boxes.add(csvRow([nameId, ...[x, y, width, height].map(String)]))
  }
}
