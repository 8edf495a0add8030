import {
  type AnnotatedItem,
  type Annotation,
  type AttributeValue,
  type DatasetView,
  type Json,
  maskArea,
  maskBounds,
  type Media,
  readMask,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { encodeBmp } from '../media/bmp.ts'
import { drawLabelPlane } from '../shared/draw-label-plane.ts'
import { colorNumber, type Rgb, vocColor } from '../shared/label-colors.ts'
import { type LabelPlane, UNLABELLED } from '../shared/label-plane.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { onOneLine } from '../shared/quoted-text.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import {
  imageInFolder,
  rootOfSubset,
  subsetRootsFromJson,
  subsetRootsToJson,
} from '../shared/subset-roots.ts'
import { sizeOf } from '../shared/write-label-masks.ts'
import { bitmapOf, lettersOf } from './letter-files.ts'
import { type Letter, lettersText } from './letters.ts'

const WHITE = 0xff_ff_ff
const HOLDS: Holdings = {
  format: 'icdar-text-segmentation',
  fields: new Set(['group', 'box']),
  attribute: (name, value) => {
    if (name === 'text') return value !== '' && isLine(value)
    if (name === 'center')
      return typeof value === 'string' && /^(?!- -$)[^\s"]+ [^\s"]+$/u.test(value)
    return name === 'color' && colorOf(value) !== undefined
  },
}

/** Writes the rows of letters and an image of their colours for each image, and the images. */
export async function writeIcdarTextSegmentation(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = subsetRootsFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  for (const { name } of dataset.schema.categories) {
    context.onLoss({ what: 'category', where: name })
  }
  const roots = dataset.subsets.map((subset) => rootOfSubset(subset, before))
  for (const { subset, root } of roots) {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      if (medium === undefined) continue
      reportItemLosses(item, HOLDS, context.layer, context.onLoss)
      const { letters, plane } = drawLetters(item, medium, context)
      const path = root + lettersOf(safeMediaName(item.id))
      await folder.write(path, Buffer.from(lettersText(letters)))
      if (plane !== undefined) await folder.write(bitmapOf(path), bitmap(plane))
      if (medium.blob === undefined) continue
      const image = imageInFolder(item.id, medium.path, `${root}images/`, '.png')
      await folder.placeMedia(image, medium)
    }
  }
  return subsetRootsToJson(roots)
}

/** The rows of an image, and their pixels. */
interface DrawnLetters {
  readonly letters: readonly Letter[]
  readonly plane: LabelPlane | undefined
}

function drawLetters(
  item: AnnotatedItem,
  medium: Media,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): DrawnLetters {
  const where = `${item.subset}/${item.id}`
  const annotations = byWord(item.layers[layer] ?? [])
  const colors = chooseColors(annotations)
  const size = sizeOf(medium)
  const isEmpty = (annotation: Annotation): boolean => {
    const mask = annotation.type === 'mask' ? readMask(annotation) : undefined
    const isSize = size === undefined || (mask?.width === size[0] && mask.height === size[1])
    return mask !== undefined && isSize && mask.width * mask.height > 0 && maskArea(mask) === 0
  }
  const drawing = drawLabelPlane(
    annotations.filter((annotation) => !isEmpty(annotation)),
    {
      size,
      valueOf: (mask) => colorNumber(colors.get(mask) ?? [0, 0, 0]),
      report: (what) => onLoss({ what, where }),
    },
  )
  const drawn = new Set(drawing?.drawn.values())
  const kept = annotations.filter((each) => drawn.has(each) || isEmpty(each))
  const words = numberWords(kept)
  const letters = kept.map((annotation) => {
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    const word = words.get(annotation)
    if (annotation.group !== word) onLoss({ what: 'field: group', where })
    const letter = letterOf(annotation, colors.get(annotation) ?? [0, 0, 0], word)
    reportChanges(annotation, letter, where, onLoss)
    return letter
  })
  const first = kept.find((each) => each.type === 'mask')
  return { letters, plane: drawing?.plane ?? (first === undefined ? undefined : blank(first)) }
}

/** A colour that another letter has, and edges that do not give back the size of a box. */
function reportChanges(
  { attributes, box }: Annotation,
  { color }: Letter,
  where: string,
  onLoss: WriteContext['onLoss'],
): void {
  const own = colorOf(attributes?.['color'])
  if (own !== undefined && colorNumber(own) !== colorNumber(color)) {
    onLoss({ what: 'attribute: color', where })
  }
  if (box === undefined) return
  const [x, y, width, height] = box
  if (x + width - x !== width || y + height - y !== height) onLoss({ what: 'field: box', where })
}

function blank(annotation: Annotation): LabelPlane | undefined {
  if (annotation.type !== 'mask') return undefined
  const { width, height } = annotation
  return { width, height, values: new Int32Array(width * height).fill(UNLABELLED) }
}

/** Letters of one word together, where its first is. */
function byWord(annotations: readonly Annotation[]): readonly Annotation[] {
  const first = new Map<number | string, number>()
  for (const [at, { group }] of annotations.entries()) {
    if (group !== undefined && !first.has(group)) first.set(group, at)
  }
  const place = (annotation: Annotation, at: number): number =>
    annotation.group === undefined ? at : (first.get(annotation.group) ?? at)
  return annotations
    .map((annotation, at) => ({ annotation, at: place(annotation, at) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ annotation }) => annotation)
}

/** Numbers the words of several letters, as they are read. */
function numberWords(annotations: readonly Annotation[]): ReadonlyMap<Annotation, number> {
  const words = new Map<Annotation, number>()
  let word = 0
  for (const [at, annotation] of annotations.entries()) {
    const { group } = annotation
    if (group === undefined) continue
    const isNext = annotations[at + 1]?.group === group
    if (annotations[at - 1]?.group === group) words.set(annotation, word)
    else if (isNext) words.set(annotation, ++word)
  }
  return words
}

/** Their own colours where they differ and are not white; others of the palette of Pascal VOC. */
function chooseColors(annotations: readonly Annotation[]): ReadonlyMap<Annotation, Rgb> {
  const colors = new Map<Annotation, Rgb>()
  const used = new Set([WHITE])
  const take = (annotation: Annotation, color: Rgb): void => {
    colors.set(annotation, color)
    used.add(colorNumber(color))
  }
  for (const annotation of annotations) {
    const own = colorOf(annotation.attributes?.['color'])
    if (own !== undefined && !used.has(colorNumber(own))) take(annotation, own)
  }
  let next = 1
  for (const annotation of annotations) {
    if (colors.has(annotation)) continue
    while (used.has(colorNumber(vocColor(next)))) next++
    take(annotation, vocColor(next))
  }
  return colors
}

function colorOf(value: AttributeValue | undefined): Rgb | undefined {
  const match = typeof value === 'string' ? /^(\d{1,3}) (\d{1,3}) (\d{1,3})$/u.exec(value) : null
  const [red = 256, green = 256, blue = 256] = (match ?? []).slice(1).map(Number)
  return Math.max(red, green, blue) < 256 ? [red, green, blue] : undefined
}

function letterOf(annotation: Annotation, color: Rgb, word: number | undefined): Letter {
  const { attributes = {}, box } = annotation
  const { text, center } = attributes
  const mask = annotation.type === 'mask' ? readMask(annotation) : undefined
  const [x, y, width, height] = mask === undefined ? [0, 0, 1, 1] : maskBounds(mask)
  const isCenter = center !== undefined && HOLDS.attribute?.('center', center) === true
  return {
    color,
    center: isCenter ? String(center) : undefined,
    box: box ?? [x, y, Math.max(0, width - 1), Math.max(0, height - 1)],
    text: typeof text === 'string' ? onOneLine(text) : '',
    ...(word !== undefined && { word }),
  }
}

function isLine(value: AttributeValue): boolean {
  return typeof value === 'string' && onOneLine(value) === value
}

function bitmap({ width, height, values }: LabelPlane): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = y; x < width; x++, to += 3, at += height) {
      const value = values[at] ?? UNLABELLED
      const color = value === UNLABELLED ? WHITE : value
      data[to] = color >> 16
      data[to + 1] = (color >> 8) & 255
      data[to + 2] = color & 255
    }
  }
  return encodeBmp({ width, height, data })
}
