import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { areCityscapesNames } from '../shared/cityscapes-labels.ts'
import { drawLabelPlane, type Drawing } from '../shared/draw-label-plane.ts'
import { BYTES, instanceValues, type MaskOwner } from '../shared/instance-values.ts'
import { isFileName, isRelativePath } from '../shared/is-path-name.ts'
import { colorNumber } from '../shared/label-colors.ts'
import { encodeLabelPlane, UNLABELLED } from '../shared/label-plane.ts'
import type { LabelTable } from '../shared/label-table.ts'
import { type LabelTablePlan, planLabelTable } from '../shared/plan-label-table.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { sizeOf } from '../shared/write-label-masks.ts'
import { type BoxNames, boxNames } from './box-names.ts'
import { KITTI_FOLDERS, type KittiRole } from './find-files.ts'
import { formatLabelLine, holdsAttribute, isFiniteBox } from './label-line.ts'
import { type KittiLayout, layoutFromJson, layoutToJson } from './layout.ts'

const HOLDS: Holdings = { format: 'kitti', fields: new Set(['category']) }
const BOX_FIELDS: Holdings['fields'] = new Set(['category', 'truncated', 'occluded', 'score'])

/** Writes images, lines of objects, and images of class and object numbers. */
export async function writeKitti(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const root = before?.root ?? ''
  const plan = planMasks(dataset, before)
  const names = boxNames(dataset.schema)
  const writer: Writer = {
    dataset,
    folder,
    context,
    root,
    hasSubsets: before?.hasSubsets !== false || dataset.subsets.some((each) => each !== 'default'),
    table: plan.table,
    names,
    state: { hasMasks: false },
  }
  for (const subset of dataset.subsets) {
    if (!isFileName(subset)) context.onLoss({ what: 'item', where: `subset ${subset}` })
    else for await (const item of dataset.items(subset)) await writeItem(writer, item)
  }
  const { hasMasks } = writer.state
  const isListed = hasMasks || before?.labels !== undefined || names.needsList()
  if (isListed && plan.file !== undefined) await folder.write(plan.file.path, plan.file.bytes)
  const isRead = hasMasks || (isListed && plan.file !== undefined)
  reportClasses(dataset, plan, { names, isListed: isRead }, context)
  const labels = isListed ? plan.file?.path : undefined
  return layoutToJson({ root, hasSubsets: writer.hasSubsets, hasMasks, labels })
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly root: string
  readonly hasSubsets: boolean
  readonly table: LabelTable
  readonly names: BoxNames
  readonly state: { hasMasks: boolean }
}

/** Classes of boxes may be beside those of Cityscapes where that is how it was. */
function planMasks({ schema }: DatasetView, before: KittiLayout | undefined): LabelTablePlan {
  const place = { root: before?.root ?? '', path: before?.labels }
  const isUsual = before !== undefined && before.hasMasks && before.labels === undefined
  const categories = schema.categories.filter(({ name }) => areCityscapesNames([name]))
  return planLabelTable(isUsual ? { ...schema, categories } : schema, 'kitti', place)
}

function reportClasses(
  { schema }: DatasetView,
  { losses, table }: LabelTablePlan,
  { names, isListed }: { readonly names: BoxNames; readonly isListed: boolean },
  { onLoss }: WriteContext,
): void {
  const isUsual = areCityscapesNames(schema.categories.map(({ name }) => name))
  const known = new Set(isListed ? table.categories.map(({ name }) => name) : [])
  if (isListed) for (const loss of losses) onLoss(loss)
  const rest = schema.categories.filter(({ name }) => !known.has(name))
  if (!isListed || (rest.length > 0 && !isUsual)) {
    const others = isListed ? { ...schema, categories: rest, attributes: [], info: {} } : schema
    reportSchemaLosses(others, HOLDS, onLoss)
  }
  names.report(onLoss, (name) => known.has(name))
}

async function writeItem(writer: Writer, item: AnnotatedItem): Promise<void> {
  const { folder, context, root, hasSubsets } = writer
  const { subset, id } = item
  const where = `${subset}/${id}`
  context.signal.throwIfAborted()
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return
  if (!isRelativePath(id)) {
    context.onLoss({ what: 'item', where })
    return
  }
  const top = hasSubsets ? `${root}${subset}/` : root
  const pathOf = (role: KittiRole, suffix: string): string =>
    `${top}${KITTI_FOLDERS.get(role) ?? role}/${id}${suffix}`
  const annotations = item.layers[context.layer] ?? []
  const beside = item.media.slice(1).flatMap((each) => mediumBeside(each, pathOf))
  const held = new Set(beside.map(({ medium: each }) => each))
  const media = item.media.filter((each) => !held.has(each))
  reportItemLosses({ ...item, media }, HOLDS, context.layer, context.onLoss)
  const hasMasks = await writeMasks(writer, annotations, { medium, where, top, id })
  const lines = annotations.flatMap((each) => boxLine(each, writer, where))
  if (lines.length > 0) await folder.write(pathOf('labels', '.txt'), Buffer.from(lines.join('')))
  const isThere = medium.blob !== undefined
  if (isThere) await folder.placeMedia(pathOf('image', suffixOf(medium.path, '.png')), medium)
  else if (!hasMasks && lines.length === 0) {
    context.onLoss({ what: 'item', where: `${where}: it has neither image nor annotations` })
    return
  }
  for (const { path, medium: each } of beside) await folder.placeMedia(path, each)
}

const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ['right', '.png'],
  ['velodyne', '.bin'],
  ['calib', '.txt'],
])

function mediumBeside(
  medium: Media,
  pathOf: (role: KittiRole, suffix: string) => string,
): readonly { readonly path: string; readonly medium: Media }[] {
  const usual = SUFFIXES.get(medium.role)
  const role = [...KITTI_FOLDERS.keys()].find((each) => each === medium.role)
  if (usual === undefined || role === undefined || medium.blob === undefined) return []
  const suffix = suffixOf(medium.path, usual)
  if (role !== 'right' && suffix !== usual) return []
  return [{ path: pathOf(role, suffix), medium }]
}

function boxLine(
  annotation: Annotation,
  { names, context }: Writer,
  where: string,
): readonly string[] {
  if (annotation.type !== 'box') return []
  const name = isFiniteBox(annotation) ? names.use(annotation.category) : undefined
  if (name === undefined) {
    context.onLoss({ what: 'annotation: box', where })
    return []
  }
  const attribute: Holdings['attribute'] = (key, value) => holdsAttribute(annotation, key, value)
  reportAnnotationLosses(
    annotation,
    { ...HOLDS, fields: BOX_FIELDS, attribute },
    where,
    context.onLoss,
  )
  return [formatLabelLine(annotation, name)]
}

async function writeMasks(
  { dataset, folder, context, table, state }: Writer,
  annotations: readonly Annotation[],
  { medium, where, top, id }: { medium: Media; where: string; top: string; id: string },
): Promise<boolean> {
  const names = new Map(dataset.schema.categories.map(({ key, name }) => [key, name]))
  const known = new Map(table.categories.map((category) => [category.name, category]))
  const ownerOf = ({ category: key }: Pick<Annotation, 'category'>): MaskOwner | undefined => {
    const category = known.get(names.get(key ?? '') ?? '')
    const label = table.idOf.get(category?.key ?? '')
    return category === undefined || label === undefined || label > 255
      ? undefined
      : { category, label }
  }
  const others = annotations.filter(({ type }) => type !== 'box')
  const masks = others.filter(({ type }) => type === 'mask')
  const drawing = drawLabelPlane(others, {
    size: sizeOf(medium),
    valueOf: instanceValues(masks, ownerOf, BYTES),
    report: (what) => context.onLoss({ what, where }),
  })
  if (drawing === undefined) return false
  state.hasMasks = true
  for (const [value, mask] of drawing.drawn) {
    const fields = new Set(HOLDS.fields)
    if (ownerOf(mask)?.category.isThing === true && mask.crowd === true) fields.add('crowd')
    if (mask.sourceId === value) fields.add('sourceId')
    reportAnnotationLosses(mask, { ...HOLDS, fields }, where, context.onLoss)
  }
  for (const [name, png] of encodePlanes(drawing, table)) {
    await folder.write(`${top}${name}/${id}.png`, png)
  }
  return true
}

function encodePlanes(
  { plane }: Drawing,
  table: LabelTable,
): readonly (readonly [string, Uint8Array])[] {
  const labelOf = (value: number): number => (value === UNLABELLED ? 0 : BYTES.parse(value).label)
  const colorOf = (value: number): number => {
    const color = table.byId.get(labelOf(value))?.color
    return color === undefined ? 0 : colorNumber(color)
  }
  return [
    ['instance', encodeLabelPlane(plane, (value) => Math.max(value, 0), 'grey16')],
    ['semantic', encodeLabelPlane(plane, labelOf, 'grey8')],
    ['semantic_rgb', encodeLabelPlane(plane, colorOf, 'rgb8')],
  ]
}
