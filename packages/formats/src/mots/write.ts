import type {
  AnnotatedItem,
  Annotation,
  CategoryKey,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { drawLabelPlane } from '../shared/draw-label-plane.ts'
import { encodeLabelPlane, type LabelPlane, UNLABELLED } from '../shared/label-plane.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { nameList } from '../shared/name-list.ts'
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
  type SubsetRoot,
  subsetRootsFromJson,
  subsetRootsToJson,
} from '../shared/subset-roots.ts'
import { sizeOf } from '../shared/write-label-masks.ts'
import { MOTS_CLASSES, type MotsClass } from './classes.ts'
import { numberMasks, trackOf } from './number-masks.ts'

const HOLDS: Holdings = { format: 'mots', fields: new Set(['category', 'track']) }

/** Writes a PNG of instances for each image, the names of the classes, and the images. */
export async function writeMots(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { categories } = dataset.schema
  const before = subsetRootsFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const isOriginal = categories.map(({ name }) => name).join() === ORIGINAL
  const names = nameList(categories, context.onLoss)
  const classes = new Map(
    categories.map(({ key, name }, at) => {
      const original = MOTS_CLASSES.find((each) => isOriginal && each.name === name)
      return [key, original ?? { number: at + 1, name }]
    }),
  )
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  const roots = subsets.map((subset) => rootOfSubset(subset, before))
  for (const { subset, root } of roots) {
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      await writeItem(item, { folder, root, classes, context })
    }
    if (!isOriginal) await folder.write(`${root}instances/labels.txt`, Buffer.from(names))
  }
  return subsetRootsToJson(roots)
}

const ORIGINAL = MOTS_CLASSES.map(({ name }) => name).join()

interface Writer extends Pick<SubsetRoot, 'root'> {
  readonly folder: WritableFolder
  readonly classes: ReadonlyMap<CategoryKey, MotsClass>
  readonly context: WriteContext
}

async function writeItem(item: AnnotatedItem, writer: Writer): Promise<void> {
  const { folder, root, context } = writer
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return
  reportItemLosses(item, HOLDS, context.layer, context.onLoss)
  const plane = drawItem(item, medium, writer) ?? emptyPlane(medium)
  if (plane !== undefined) {
    const png = encodeLabelPlane(plane, (value) => (value === UNLABELLED ? 0 : value), 'grey16')
    await folder.write(`${root}instances/${safeMediaName(item.id)}.png`, png)
  }
  if (medium.blob === undefined) return
  await folder.placeMedia(imageInFolder(item.id, medium.path, `${root}images/`, '.jpg'), medium)
}

function drawItem(
  item: AnnotatedItem,
  medium: Media,
  { classes, context: { layer, onLoss } }: Writer,
): LabelPlane | undefined {
  const where = `${item.subset}/${item.id}`
  const annotations = (item.layers[layer] ?? []).toSorted(
    (a, b) => (a.zOrder ?? 0) - (b.zOrder ?? 0),
  )
  const values = numberMasks(annotations, classes)
  const drawing = drawLabelPlane(annotations, {
    size: maskSize(annotations, medium),
    valueOf: (mask) => values.get(mask),
    report: (what) => onLoss({ what, where }),
  })
  for (const [value, mask] of drawing?.drawn ?? []) {
    reportAnnotationLosses(mask, HOLDS, where, onLoss)
    const name = classes.get(mask.category ?? '')?.name ?? ''
    const isKept = mask.track === undefined || mask.track === trackOf(value, name)
    if (!isKept) onLoss({ what: 'field: track', where })
  }
  return drawing?.plane
}

/** That of the image; where no mask has it, that of the first one: they are of that size in the files. */
function maskSize(
  annotations: readonly Annotation[],
  medium: Media,
): readonly [number, number] | undefined {
  const size = sizeOf(medium)
  const isImage = annotations.some((annotation) => {
    if (annotation.type !== 'mask') return false
    return annotation.width === size?.[0] && annotation.height === size[1]
  })
  return isImage ? size : undefined
}

/** An image of nothing says that nothing is there. */
function emptyPlane(medium: Media): LabelPlane | undefined {
  const [width = 0, height = 0] = sizeOf(medium) ?? []
  const pixels = width * height
  if (pixels === 0 || pixels > MAX_EMPTY_PIXELS) return undefined
  return { width, height, values: new Int32Array(pixels).fill(UNLABELLED) }
}

const MAX_EMPTY_PIXELS = 2 ** 26
