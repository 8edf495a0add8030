import {
  type AnnotatedItem,
  type Annotation,
  type DatasetView,
  type Json,
  maskBounds,
  MAX_BITMAP_PIXELS,
  type Media,
  readMask,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { closeNumber } from '../shared/close-number.ts'
import { DATASET_META } from '../shared/dataset-meta.ts'
import { imageTarget, writtenImageName } from '../shared/image-name.ts'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'

import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { ownExtra } from '../shared/subset-files.ts'
import { elementFromJson, type XmlElement } from '../shared/xml-element.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { formatAttributes, parseAttributes } from './attribute-text.ts'
import { encodeMaskPicture } from './mask-picture.ts'
import { numberObjects, type ObjectNumbers } from './object-numbers.ts'
import { SOURCE_ANNOTATION, usualMask, usualPath } from './read.ts'
import { formatDocument, parentElement, textElement } from './xml-document.ts'

const FORMAT = 'labelme-xml'

/** Writes a file for each image into `Annotations`, images and masks beside that. */
export async function writeLabelmeXml(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { layout } = dataset
  const isInPlace = isObject(layout) && layout['version'] === 1
  const before = isInPlace ? layout['root'] : ''
  const root = typeof before === 'string' ? before : ''
  const none: Holdings = { format: FORMAT, fields: new Set() }
  reportSchemaLosses(dataset.schema, none, context.onLoss)
  const hasLabels = !isInPlace || layout['hasLabels'] === true
  if (hasLabels) {
    const labels = dataset.schema.categories.map(({ name }) => name)
    await folder.write(root + DATASET_META, Buffer.from(`${JSON.stringify({ labels })}\n`))
  }
  const writer: Writer = {
    folder,
    context,
    names: classNames(dataset.schema, context.onLoss),
    root,
    isInPlace,
  }
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium !== undefined) await writeItem(item, medium, writer)
  }
  writer.names.reportUnused(context.onLoss, () => hasLabels)
  return { version: 1, root, hasLabels }
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly names: ClassNames
  readonly root: string
  readonly isInPlace: boolean
}

async function writeItem(item: AnnotatedItem, medium: Media, writer: Writer): Promise<void> {
  const { folder, context, root, isInPlace } = writer
  const { onLoss } = context
  const { subset, id } = item
  const own = ownExtra(item, FORMAT)
  const scribbles = item.media.slice(1).filter(({ role }) => role === 'scribble' && isInPlace)
  const others = item.media.slice(1).filter((each) => !scribbles.includes(each))
  const none: Holdings = { format: FORMAT, fields: new Set() }
  reportItemLosses({ ...item, media: [medium, ...others] }, none, context.layer, onLoss)
  const filename = writtenImageName(item, medium, own['filename'], onLoss)
  if (
    !isXmlText(`${subset}${id}`) ||
    safeMediaName(subset) !== subset ||
    subset.trim() !== subset
  ) {
    onLoss({ what: 'item', where: `${subset}/${id}: its name changes` })
  }
  const images = `${root}Images/${safeMediaName(subset)}/`
  const target = imageTarget(filename, medium, images, isInPlace)
  if (medium.blob !== undefined) await folder.placeMedia(target, medium)
  for (const scribble of scribbles) {
    if (scribble.blob !== undefined) await folder.placeMedia(scribble.path, scribble)
  }
  const objects = await objectElements(item, medium, writer)
  const { width, height } = medium
  const place = subset === 'default' && own['folder'] === '' ? '' : subset
  const document = parentElement('annotation', [
    textElement('filename', filename),
    textElement('folder', place),
    ...(own['rest'] === undefined ? [SOURCE] : elementsOf(own['rest'])),
    ...(width === undefined || height === undefined
      ? []
      : [
          parentElement('imagesize', [
            textElement('nrows', String(height)),
            textElement('ncols', String(width)),
          ]),
        ]),
    ...objects,
    ...elementsOf(own['deleted']),
  ])
  const { file: before } = own
  const isKept = isInPlace && typeof before === 'string' && isNamed(before, id)
  const file = isKept ? before : usualPath(root, subset, id)
  await folder.write(file, Buffer.from(formatDocument(document)))
}

const SOURCE: XmlElement = parentElement('source', [
  textElement('sourceImage', ''),
  textElement('sourceAnnotation', SOURCE_ANNOTATION),
])

/** A file is that of an item as long as the item is called like it. */
function isNamed(file: string, id: string): boolean {
  const name = id.slice(id.lastIndexOf('/') + 1).replace(/#\d+$/u, '')
  return file.slice(file.lastIndexOf('/') + 1).startsWith(name)
}

function elementsOf(json: Json | undefined): readonly XmlElement[] {
  return (isArray(json) ? json : []).flatMap((each) => elementFromJson(each) ?? [])
}

async function objectElements(
  item: AnnotatedItem,
  medium: Media,
  writer: Writer,
): Promise<readonly XmlElement[]> {
  const { context, folder, root, names } = writer
  const where = `${item.subset}/${item.id}`
  const written = (item.layers[context.layer] ?? []).filter((annotation) => {
    const isHeld = isWritable(annotation, medium)
    if (!isHeld) context.onLoss({ what: `annotation: ${annotation.type}`, where })
    return isHeld
  })
  const numbers = numberObjects(written, elementsOf(ownExtra(item, FORMAT)['deleted']))
  const elements: XmlElement[] = []
  for (const [at, annotation] of written.entries()) {
    const own = ownOf(annotation)
    const number = numbers.ids[at] ?? 0
    reportLosses(annotation, number, where, context)
    const name = names.use(annotation.category)
    if (name !== undefined && (name.trim() !== name || !isXmlText(name))) {
      context.onLoss({ what: 'field: category', where })
    }
    const shapes = shapeElements(annotation, item, { number, own, where, context })
    if (annotation.type === 'mask') {
      const mask = readMask(annotation)
      const path = `${root}Masks/${safeMediaName(item.subset)}/${maskName(item, number, own)}`
      if (mask !== undefined) await folder.write(path, encodeMaskPicture(mask))
    }
    const rest = elementsOf(own['rest'])
    for (const [part, shape] of shapes.entries()) {
      const isFirst = part === 0
      elements.push(
        parentElement('object', [
          textElement('name', name ?? ''),
          textElement('deleted', '0'),
          ...usualElements(rest),
          textElement('occluded', occludedText(annotation)),
          textElement('attributes', attributeText(annotation, own)),
          partsElement(numbers, at, isFirst),
          textElement('id', String(isFirst ? number : numbers.next())),
          ...(annotation.type === 'box' ? [textElement('type', 'bounding_box')] : []),
          ...(typeof own['type'] === 'string' && annotation.type === 'mask'
            ? [textElement('type', own['type'])]
            : []),
          shape,
        ]),
      )
    }
  }
  return elements
}

function isWritable(annotation: Annotation, { width, height }: Media): boolean {
  if (annotation.type === 'polygon') return annotation.parts.some(([ring = []]) => ring.length > 0)
  if (annotation.type !== 'mask') return annotation.type === 'box'
  const pixels = annotation.width * annotation.height
  const isFitting =
    width === undefined || (width === annotation.width && height === annotation.height)
  return (
    isFitting && pixels > 0 && pixels <= MAX_BITMAP_PIXELS && readMask(annotation) !== undefined
  )
}

function ownOf({ extra }: Annotation): JsonObject {
  const own = extra?.[FORMAT]
  return isObject(own) ? own : {}
}

/** The tool writes these always. */
function usualElements(rest: readonly XmlElement[]): readonly XmlElement[] {
  const has = (name: string): boolean => rest.some((element) => element.name === name)
  return [
    ...(has('verified') ? [] : [textElement('verified', '0')]),
    ...(has('date') ? [] : [textElement('date', '')]),
    ...rest,
  ]
}

function occludedText({ occluded }: Annotation): string {
  return occluded === undefined ? '' : occluded ? 'yes' : 'no'
}

/** The text that was read, as long as it says the same. */
function attributeText(annotation: Annotation, own: JsonObject): string {
  const { username, ...attributes } = annotation.attributes ?? {}
  const kept = own['attributes']
  if (typeof kept === 'string' && isSame(parseAttributes(kept), attributes)) return kept
  const isUser = typeof username === 'string' && username !== ''
  return formatAttributes(
    isUser || username === undefined ? attributes : { ...attributes, username },
  )
}

function isSame(a: object, b: object): boolean {
  const other = new Map(Object.entries(b))
  const entries = Object.entries(a)
  return (
    entries.length === other.size &&
    entries.every(([name, value]) => JSON.stringify(value) === JSON.stringify(other.get(name)))
  )
}

function partsElement({ groups }: ObjectNumbers, at: number, isFirst: boolean): XmlElement {
  const { parts, parent, stated } = groups[at] ?? {
    parts: [],
    parent: undefined,
    stated: undefined,
  }
  return parentElement('parts', [
    textElement('hasparts', isFirst ? parts.join(',') : ''),
    textElement('ispartof', isFirst && parent !== undefined ? String(parent) : ''),
    ...(stated === undefined ? [] : [textElement('group', String(stated))]),
  ])
}

function maskName(item: AnnotatedItem, number: number, own: JsonObject): string {
  return typeof own['mask'] === 'string' ? safeMediaName(own['mask']) : usualMask(item.id, number)
}

interface ObjectPlace {
  readonly number: number
  readonly own: JsonObject
  readonly where: string
  readonly context: WriteContext
}

function shapeElements(
  annotation: Annotation,
  item: AnnotatedItem,
  { number, own, where, context }: ObjectPlace,
): readonly XmlElement[] {
  const user = annotation.attributes?.['username']
  const more = [
    textElement('username', typeof user === 'string' ? user : ''),
    ...elementsOf(own['shape']),
  ]
  if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    const right = closeNumber(x + width, width, (end) => end - x)
    const bottom = closeNumber(y + height, height, (end) => end - y)
    return [polygonElement([x, y, right, y, right, bottom, x, bottom], more)]
  }
  if (annotation.type === 'polygon') {
    const { parts } = annotation
    const isCut = parts.length > 1 || parts.some((rings) => rings.length > 1)
    if (isCut) context.onLoss({ what: 'annotation: polygon', where: `${where}: parts or holes` })
    return parts.map(([ring = []]) => polygonElement(ring, more))
  }
  const mask = annotation.type === 'mask' ? readMask(annotation) : undefined
  if (mask === undefined) return []
  const [x, y, width, height] = annotation.box ?? maskBounds(mask)
  const corners: readonly (readonly [string, number])[] = [
    ['xmin', x],
    ['ymin', y],
    ['xmax', closeNumber(x + width, width, (end) => end - x)],
    ['ymax', closeNumber(y + height, height, (end) => end - y)],
  ]
  return [
    parentElement('segm', [
      ...more,
      parentElement(
        'box',
        corners.map(([name, value]) => textElement(name, String(value))),
      ),
      textElement('mask', maskName(item, number, own)),
    ]),
  ]
}

function polygonElement(points: readonly number[], more: readonly XmlElement[]): XmlElement {
  const elements = Array.from({ length: points.length / 2 }, (_, at) =>
    parentElement('pt', [
      textElement('x', String(points[at * 2])),
      textElement('y', String(points[at * 2 + 1])),
    ]),
  )
  return parentElement('polygon', [...more, ...elements])
}

function reportLosses(
  annotation: Annotation,
  number: number,
  where: string,
  { onLoss }: WriteContext,
): void {
  const { attributes = {}, sourceId, group } = annotation
  const { username, ...others } = attributes
  const isUser = typeof username === 'string' && username !== '' && username.trim() === username
  const back = parseAttributes(formatAttributes(isUser ? others : attributes).trim())
  const keeps = (name: string): boolean => {
    if (name === 'username' && isUser) return isXmlText(username)
    const value = attributes[name]
    return (
      isXmlText(`${name}${String(value)}`) && JSON.stringify(back[name]) === JSON.stringify(value)
    )
  }
  const isGroup =
    typeof group === 'number' ? Number.isSafeInteger(group) && group >= 0 : isText(group)
  const holds: Holdings = {
    format: FORMAT,
    fields: new Set([
      'category',
      'occluded',
      ...(annotation.type === 'mask' ? (['box'] as const) : []),
      ...(sourceId === number ? (['sourceId'] as const) : []),
      ...(isGroup ? (['group'] as const) : []),
    ]),
    attribute: keeps,
  }
  reportAnnotationLosses(annotation, holds, where, onLoss)
}

/** A text that looks like a number would become one. */
function isText(group: string | undefined): boolean {
  if (group === undefined) return true
  return isXmlText(group) && group.trim() === group && !/^\d*$/u.test(group)
}
