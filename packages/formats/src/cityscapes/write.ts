import type {
  AnnotatedItem,
  Annotation,
  Category,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { drawLabelPlane } from '../shared/draw-label-plane.ts'
import { type InstanceCoding, instanceValues, THOUSANDS } from '../shared/instance-values.ts'
import { isFileName, isRelativePath } from '../shared/is-path-name.ts'
import { isObject } from '../shared/json-reader.ts'
import { colorNumber } from '../shared/label-colors.ts'
import { encodeLabelPlane, type LabelPlane, UNLABELLED } from '../shared/label-plane.ts'
import { IGNORED_TRAIN_ID, type LabelTable } from '../shared/label-table.ts'
import { planLabelTable } from '../shared/plan-label-table.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { sizeOf } from '../shared/write-label-masks.ts'
import type { GroundTruthKind } from './find-files.ts'
import { type CityscapesLayout, layoutFromJson, layoutToJson } from './layout.ts'
import { polygonToJson } from './polygons.ts'
import { POLYGON_LAYER } from './read.ts'

/** Writes images, images of class and object numbers, and polygons where an image has no masks. */
export async function writeCityscapes(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const kinds = kindsFor(before, context.variant)
  const root = before?.root ?? ''
  const plan = planLabelTable(dataset.schema, 'cityscapes', { root, path: before?.labels })
  for (const loss of plan.losses) context.onLoss(loss)
  const { table, file } = plan
  if (file !== undefined) await folder.write(file.path, file.bytes)
  const layout = { root, labels: file?.path, kinds }
  const names = new Map(dataset.schema.categories.map(({ key, name }) => [key, name]))
  const known = new Map(table.categories.map((category) => [category.name, category]))
  const categoryOf: Writer['categoryOf'] = ({ category }) =>
    known.get(names.get(category ?? '') ?? '')
  const writer: Writer = { folder, context, layout, table, categoryOf }
  for (const subset of dataset.subsets) {
    if (!isFileName(subset)) context.onLoss({ what: 'item', where: `subset ${subset}` })
    else for await (const item of dataset.items(subset)) await writeItem(writer, item)
  }
  return layoutToJson(layout)
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly layout: CityscapesLayout
  readonly table: LabelTable
  /** The category as it is read again. */
  readonly categoryOf: (annotation: Pick<Annotation, 'category'>) => Category | undefined
}

const HOLDS: Holdings = { format: 'cityscapes', fields: new Set(['category']) }
const NEW_KINDS: readonly GroundTruthKind[] = ['color', 'instanceIds', 'labelIds']

function kindsFor(
  before: CityscapesLayout | undefined,
  variant: string | undefined,
): readonly GroundTruthKind[] {
  if (variant === 'train-ids') return ['labelTrainIds']
  const known = before?.kinds ?? []
  const hasIds = known.some((kind) => kind !== 'color')
  if (variant === 'instance-ids') return [...new Set([...known, ...NEW_KINDS])]
  return hasIds ? known : NEW_KINDS
}

function isTraining(kinds: readonly string[]): boolean {
  return kinds.length === 1 && kinds[0] === 'labelTrainIds'
}

async function writeItem(writer: Writer, item: AnnotatedItem): Promise<void> {
  const { folder, context, layout } = writer
  const { subset, id } = item
  const where = `${subset}/${id}`
  context.signal.throwIfAborted()
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return
  if (!isRelativePath(id)) {
    context.onLoss({ what: 'item', where })
    return
  }
  const own = item.extra?.['cityscapes']
  const quality = isObject(own) && own['quality'] === 'gtCoarse' ? 'gtCoarse' : 'gtFine'
  const stem = `${layout.root}${quality}/${subset}/${id}_${quality}`
  const annotations = item.layers[context.layer] ?? []
  const polygons = annotations.filter(({ type }) => type === 'polygon')
  const others = annotations.filter(({ type }) => type !== 'polygon')
  const hasMasks = await writeMasks(writer, { annotations: others, medium, stem, where })
  const { [POLYGON_LAYER]: beside = [], ...layers } = item.layers
  const isBeside = hasMasks && context.layer !== POLYGON_LAYER
  reportItemLosses(isBeside ? { ...item, layers } : item, HOLDS, context.layer, context.onLoss)
  if (hasMasks) for (const _ of polygons) context.onLoss({ what: 'annotation: polygon', where })
  const shown = hasMasks ? (isBeside ? beside : []) : polygons
  const hasPolygons = await writePolygons(writer, { annotations: shown, medium, stem, where })
  const image = `${layout.root}leftImg8bit/${subset}/${id}_leftImg8bit${suffixOf(medium.path, '.png')}`
  if (medium.blob !== undefined) await folder.placeMedia(image, medium)
  else if (!hasMasks && !hasPolygons) {
    context.onLoss({ what: 'item', where: `${where}: it has neither image nor annotations` })
  }
}

/** What is written of one image. */
interface Part {
  readonly annotations: readonly Annotation[]
  readonly medium: Media
  readonly stem: string
  readonly where: string
}

async function writeMasks(
  { folder, context, layout, table, categoryOf }: Writer,
  { annotations, medium, stem, where }: Part,
): Promise<boolean> {
  const report = (what: string): void => context.onLoss({ what, where })
  const isInstances = layout.kinds.includes('instanceIds')
  const idOf = (mask: Pick<Annotation, 'category'>): number | undefined => {
    const key = categoryOf(mask)?.key ?? ''
    const id = isTraining(layout.kinds) ? table.trainIdOf.get(key) : table.idOf.get(key)
    return id !== undefined && id < IGNORED_TRAIN_ID ? id : undefined
  }
  const ownerOf: Parameters<typeof instanceValues>[1] = (mask) => {
    const [category, label] = [categoryOf(mask), idOf(mask)]
    return category === undefined || label === undefined ? undefined : { category, label }
  }
  const masks = annotations.filter(({ type }) => type === 'mask')
  const drawing = drawLabelPlane(annotations, {
    size: sizeOf(medium),
    valueOf: isInstances ? instanceValues(masks, ownerOf, THOUSANDS) : idOf,
    report,
  })
  if (drawing === undefined) return false
  for (const [value, mask] of drawing.drawn) {
    const fields = new Set(HOLDS.fields)
    const isCrowd = categoryOf(mask)?.isThing === true && mask.crowd === true
    if (isInstances && isCrowd) fields.add('crowd')
    if (isInstances && mask.sourceId === value) fields.add('sourceId')
    reportAnnotationLosses(mask, { ...HOLDS, fields }, where, context.onLoss)
  }
  for (const kind of layout.kinds) {
    const png = encodeKind(kind, drawing.plane, { table, isTraining: isTraining(layout.kinds) })
    if (png !== undefined) await folder.write(`${stem}_${kind}.png`, png)
  }
  return true
}

function encodeKind(
  kind: GroundTruthKind,
  plane: LabelPlane,
  { table, isTraining: isTrained }: { readonly table: LabelTable; readonly isTraining: boolean },
): Uint8Array | undefined {
  const coding: InstanceCoding = THOUSANDS
  const labelOf = (value: number): number => (value === UNLABELLED ? 0 : coding.parse(value).label)
  const categoryOf = (value: number): Category | undefined =>
    isTrained ? table.byTrainId.get(labelOf(value)) : table.byId.get(labelOf(value))
  if (kind === 'instanceIds')
    return encodeLabelPlane(plane, (value) => Math.max(value, 0), 'grey16')
  if (kind === 'labelIds') return encodeLabelPlane(plane, labelOf, 'grey8')
  if (kind === 'color') {
    const colorOf = (value: number): number => {
      const color = value === UNLABELLED ? undefined : categoryOf(value)?.color
      return color === undefined ? 0 : colorNumber(color)
    }
    return encodeLabelPlane(plane, colorOf, 'rgb8')
  }
  if (kind !== 'labelTrainIds') return undefined
  const trainIdOf = (value: number): number => {
    if (value === UNLABELLED) return IGNORED_TRAIN_ID
    return table.trainIdOf.get(categoryOf(value)?.key ?? '') ?? IGNORED_TRAIN_ID
  }
  return encodeLabelPlane(plane, trainIdOf, 'grey8')
}

async function writePolygons(
  { folder, context, categoryOf }: Writer,
  { annotations, medium: { width, height }, stem, where }: Part,
): Promise<boolean> {
  const objects: Json[] = []
  for (const annotation of annotations) {
    const category = categoryOf(annotation)
    const object = polygonToJson(annotation, category)
    if (object === undefined) {
      context.onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    objects.push(object)
    const isCrowd = annotation.crowd === true && category?.isThing === true
    const fields = new Set([...HOLDS.fields, ...(isCrowd ? (['crowd'] as const) : [])])
    reportAnnotationLosses(annotation, { ...HOLDS, fields }, where, context.onLoss)
  }
  if (objects.length === 0) return false
  const size =
    width === undefined || height === undefined ? {} : { imgHeight: height, imgWidth: width }
  const text = JSON.stringify({ ...size, objects }, undefined, 4)
  await folder.write(`${stem}_polygons.json`, Buffer.from(`${text}\n`))
  return true
}
