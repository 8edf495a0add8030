import {
  type AnnotatedItem,
  type AnnotationDraft,
  boundsOf,
  type Category,
  maskGeometry,
  polygonToMask,
} from '@dsv/core'
import { isXmlText } from '../shared/xml-text.ts'
import { parentElement } from './format-xml.ts'
import type { MaskTable } from './mask-table.ts'
import { isPartBox } from './read-item.ts'
import { SPLIT_NAMES, type VocLayout } from './voc-layout.ts'
import { type BoxDraft, isWritableBox, objectElements } from './write-object.ts'
import type { XmlElement } from '../shared/xml-element.ts'

/** What writing one item needs to know of the dataset. */
export interface ItemPlanner {
  readonly layout: VocLayout
  readonly table: MaskTable
  readonly categories: ReadonlyMap<string, Category>
  readonly layer: string
  readonly onLoss: (loss: { readonly what: string; readonly where: string }) => void
}

/** The annotations of an item, sorted by the files that hold them. */
export interface ItemPlan {
  /** Names of the classes of the whole image; false when all such objects are difficult. */
  readonly labels: ReadonlyMap<string, boolean>
  readonly objects: readonly XmlElement[]
  /** The attributes of each object, for the lists of actions. */
  readonly boxes: readonly BoxDraft[]
  readonly masks: readonly AnnotationDraft[]
  /** Numbers of the objects that masks can refer to. */
  readonly linked: ReadonlySet<number>
}

type Report = (what: string) => void

/** Sorts the annotations of a layer, and reports what Pascal VOC cannot hold. */
export function planItem(item: AnnotatedItem, planner: ItemPlanner): ItemPlan {
  const report: Report = (what) => planner.onLoss({ what, where: `${item.subset}/${item.id}` })
  reportItem(item, planner, report)
  const annotations: readonly AnnotationDraft[] = item.layers[planner.layer] ?? []
  const { boxes, masks } = shapesOf(item, annotations, planner, report)
  const owners = boxes.filter((box) => !isOwnedPart(box, boxes))
  const linked = linkedNumbers(owners, boxes, masks)
  const objects = owners.map((box, index) => {
    const parts = partsBehind(box, boxes)
    const isLinked = box.group === index + 1 && (parts.length > 0 || linked.has(index + 1))
    if (box.group !== undefined && !isLinked) report('field: group')
    const inner = parts.map((part) => objectOf('part', part, [], planner, report))
    return objectOf('object', box, inner, planner, report)
  })
  return {
    labels: labelsOf(annotations, planner, report),
    objects,
    boxes: owners,
    masks,
    linked,
  }
}

function reportItem(item: AnnotatedItem, { layer, layout }: ItemPlanner, report: Report): void {
  if (layout.kind === 'flat' && !SPLIT_NAMES.has(item.subset)) report('item')
  if (item.attributes !== undefined && Object.keys(item.attributes).length > 0) {
    report('item: attributes')
  }
  if (item.tags !== undefined && item.tags.length > 0) report('item: tags')
  if (item.media.length > 1) report('field: media')
  for (const name of Object.keys(item.extra ?? {})) if (name !== 'voc') report(`item: ${name}`)
  for (const [name, annotations] of Object.entries(item.layers)) {
    if (name !== layer && annotations.length > 0) report(`layer: ${name}`)
  }
}

interface Shapes {
  readonly boxes: BoxDraft[]
  readonly masks: AnnotationDraft[]
}

function shapesOf(
  item: AnnotatedItem,
  annotations: readonly AnnotationDraft[],
  planner: ItemPlanner,
  report: Report,
): Shapes {
  const shapes: Shapes = { boxes: [], masks: [] }
  for (const annotation of annotations) {
    if (annotation.type === 'label') continue
    if (annotation.type === 'mask') {
      if (planner.layout.kind === 'flat') report('annotation: mask')
      else shapes.masks.push(annotation)
      continue
    }
    if (annotation.type !== 'box') report(`annotation: ${annotation.type}`)
    const box = boxOf(annotation)
    if (box === undefined) continue
    if (!hasName(box, planner) || !isWritableBox(box)) {
      report('annotation: box')
      continue
    }
    addShape(item, annotation, box, planner, shapes)
  }
  return shapes
}

/** Shapes that VOC does not know become the box around them; those without extent nothing. */
function boxOf(annotation: AnnotationDraft): BoxDraft | undefined {
  if (annotation.type === 'box') return annotation
  if (!BOUNDED.has(annotation.type)) return undefined
  const bounds = boundsOf(annotation)
  if (bounds === undefined) return undefined
  const [x, y, width, height] = bounds
  const { category, attributes, occluded, truncated } = annotation
  return {
    type: 'box',
    x,
    y,
    width,
    height,
    ...(category === undefined ? {} : { category }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(occluded === undefined ? {} : { occluded }),
    ...(truncated === undefined ? {} : { truncated }),
  }
}

const BOUNDED: ReadonlySet<string> = new Set(['rotated-box', 'quad', 'polygon', 'ellipse'])

function hasName({ category }: AnnotationDraft, { categories }: ItemPlanner): boolean {
  const name = category === undefined ? undefined : categories.get(category)?.name
  return name !== undefined && name !== '' && name.trim() === name && isXmlText(name)
}

/** A polygon is also drawn as a mask, in one group with its box. */
function addShape(
  item: AnnotatedItem,
  annotation: AnnotationDraft,
  box: BoxDraft,
  planner: ItemPlanner,
  { boxes, masks }: Shapes,
): void {
  const { width, height } = item.media[0] ?? {}
  const mask =
    annotation.type === 'polygon' && width !== undefined && height !== undefined
      ? polygonToMask(annotation.parts, width, height)
      : undefined
  if (mask === undefined || mask.counts.length < 2 || planner.layout.kind === 'flat') {
    boxes.push(box)
    return
  }
  const group = boxes.filter((each) => !isOwnedPart(each, boxes)).length + 1
  boxes.push({ ...box, group })
  const { category } = box
  masks.push({ ...maskGeometry(mask), group, ...(category === undefined ? {} : { category }) })
}

function isOwnedPart(box: BoxDraft, boxes: readonly BoxDraft[]): boolean {
  return isPartBox(box) && boxes.some((other) => !isPartBox(other) && isSameGroup(box, other))
}

function partsBehind(owner: BoxDraft, boxes: readonly BoxDraft[]): readonly BoxDraft[] {
  const first = boxes.find((box) => !isPartBox(box) && isSameGroup(box, owner))
  if (first !== owner) return []
  return boxes.filter((box) => isOwnedPart(box, boxes) && isSameGroup(box, owner))
}

function isSameGroup(a: BoxDraft, b: BoxDraft): boolean {
  return a.group !== undefined && a.group === b.group
}

/** Only a box whose group is its number can be found by its mask again. */
function linkedNumbers(
  owners: readonly BoxDraft[],
  boxes: readonly BoxDraft[],
  masks: readonly AnnotationDraft[],
): ReadonlySet<number> {
  const groups = new Set(masks.map(({ group }) => group))
  return new Set(
    owners.flatMap(({ group }, index) =>
      group === index + 1 && groups.has(group) && boxes.length > 0 ? [index + 1] : [],
    ),
  )
}

function objectOf(
  name: 'object' | 'part',
  box: BoxDraft,
  inner: readonly XmlElement[],
  { categories }: ItemPlanner,
  report: Report,
): XmlElement {
  reportFields(box, BOX_FIELDS, report)
  const category = categories.get(box.category ?? '') ?? { key: '', name: '' }
  return parentElement(name, [...objectElements(box, category, report), ...inner])
}

const COMMON = ['type', 'uid', 'category', 'extra']
const BOX_FIELDS: ReadonlySet<string> = new Set([
  ...COMMON,
  'x',
  'y',
  'width',
  'height',
  'attributes',
  'group',
  'truncated',
  'occluded',
])
const LABEL_FIELDS: ReadonlySet<string> = new Set([...COMMON, 'attributes'])

/** Reports the fields of an annotation that are not in `held`, and what other formats left in it. */
export function reportFields(
  annotation: AnnotationDraft,
  held: ReadonlySet<string>,
  report: Report,
): void {
  for (const [name, value] of Object.entries(annotation)) {
    if (value === undefined || held.has(name) || name === 'attributes') continue
    report(`field: ${name}`)
  }
  if (!held.has('attributes')) {
    for (const name of Object.keys(annotation.attributes ?? {})) report(`attribute: ${name}`)
  }
  if (Object.keys(annotation.extra ?? {}).some((name) => name !== 'voc')) report('field: extra')
}

function labelsOf(
  annotations: readonly AnnotationDraft[],
  planner: ItemPlanner,
  report: Report,
): ReadonlyMap<string, boolean> {
  const labels = new Map<string, boolean>()
  for (const annotation of annotations) {
    if (annotation.type !== 'label') continue
    const name = planner.categories.get(annotation.category ?? '')?.name
    const isHeld = planner.layout.kind === 'devkit' && name !== undefined && !labels.has(name)
    if (!isHeld || !planner.table.codeOfKey.has(annotation.category ?? '')) {
      report('annotation: label')
      continue
    }
    const { difficult, ...others } = annotation.attributes ?? {}
    for (const attribute of Object.keys(others)) report(`attribute: ${attribute}`)
    if (difficult !== undefined && difficult !== true) report('attribute: difficult')
    reportFields(annotation, LABEL_FIELDS, report)
    labels.set(name, difficult !== true)
  }
  return labels
}
