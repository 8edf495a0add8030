import {
  type AnnotatedItem,
  type Annotation,
  areaOf,
  type BoxNumbers,
  type Json,
  type Mask,
  MAX_BITMAP_PIXELS,
  maskBounds,
  type Media,
  readMask,
  type WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { encodeMaskPng } from '../shared/mask-png.ts'
import { decimalOf, normaliseBox, roundedFields } from '../shared/normalised-box.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'
import { featureFromJson } from './feature-json.ts'
import { sha256, usualFormat } from './read-item.ts'
import type { TfExample, TfFeature } from './tf-example.ts'

/** How categories are called in the label map. */
export type ClassNames = ReadonlyMap<string, { readonly id: number; readonly name: string }>

const FORMAT = 'tf-detection-api'
const BOX: Holdings = {
  format: FORMAT,
  fields: new Set(['category', 'truncated', 'crowd', 'area']),
  attribute: (name, value) =>
    name === 'view'
      ? typeof value === 'string' && value !== ''
      : FLAGS.has(name) && typeof value === 'boolean',
}
const MASK: Holdings = { ...BOX, fields: new Set([...BOX.fields, 'box']) }
const LABEL: Holdings = { format: FORMAT, fields: new Set(['category', 'score']) }
const FLAGS: ReadonlySet<string> = new Set(['difficult', 'is_group_of'])

/** Makes the example of an item; reports what it cannot say. */
export function exampleOf(
  item: AnnotatedItem,
  medium: Media,
  bytes: Uint8Array,
  names: ClassNames,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): TfExample {
  const where = `${item.subset}/${item.id}`
  const own = ownOf(item.extra?.[FORMAT])
  const annotations = item.layers[layer] ?? []
  const report = (annotation: Annotation, holds: Holdings): void =>
    reportAnnotationLosses(annotation, holds, where, onLoss)
  const labels = annotations.filter(({ type }) => type === 'label')
  for (const label of labels) report(label, LABEL)
  const objects = annotations.flatMap((annotation) => {
    if (annotation.type === 'label') return []
    const object = objectOf(annotation, medium)
    if (object === undefined) onLoss({ what: `annotation: ${annotation.type}`, where })
    else report(annotation, object.mask === undefined ? BOX : MASK)
    return object ?? []
  })
  for (const object of objects) reportRounding(object, medium, where, onLoss)
  return new Map<string, TfFeature>([
    ...imageFeatures(item, medium, bytes, own),
    ...labelFeatures(labels, names),
    ...objectFeatures(objects, names, medium),
    ...ownFeatures(own),
  ])
}

function ownOf(json: Json | undefined): JsonObject {
  return isObject(json) ? json : {}
}

function imageFeatures(
  { id, attributes }: AnnotatedItem,
  medium: Media,
  bytes: Uint8Array,
  own: JsonObject,
): readonly (readonly [string, TfFeature])[] {
  const { path, width, height } = medium
  const extension = extensionOf(path)
  const name =
    extension === '' ? `${id}.${EMPTY_EXTENSION}` : `${id}${path.slice(-extension.length - 1)}`
  const size = Array.isArray(own['size']) ? own['size'] : [width, height]
  const filename = textOr(own['filename'], name)
  const source = attributes?.['source_id'] ?? filename
  return [
    ...sizeFeature('image/width', size[0]),
    ...sizeFeature('image/height', size[1]),
    ['image/filename', text([filename])],
    ...(typeof source === 'string' && source !== ''
      ? [['image/source_id', text([source])] as const]
      : []),
    ['image/format', text([textOr(own['format'], usualFormat(path))])],
    ...(bytes.length === 0
      ? []
      : [
          ['image/key/sha256', text([textOr(own['sha256'], sha256(bytes))])] as const,
          ['image/encoded', { type: 'bytes', values: [bytes] }] as const,
        ]),
  ]
}

/** A name without extension would lose what follows its last dot. */
const EMPTY_EXTENSION = 'jpg'

function sizeFeature(name: string, value: unknown): readonly (readonly [string, TfFeature])[] {
  return typeof value === 'number' ? [[name, { type: 'int64', values: [value] }]] : []
}

function textOr(json: Json | undefined, otherwise: string): string {
  return typeof json === 'string' ? json : otherwise
}

function text(values: readonly string[]): TfFeature {
  return { type: 'bytes', values: values.map((each) => Buffer.from(each)) }
}

function classFeatures(
  prefix: string,
  annotations: readonly Annotation[],
  names: ClassNames,
): readonly (readonly [string, TfFeature])[] {
  const classes = annotations.map(({ category }) => names.get(category ?? ''))
  return [
    [`${prefix}/text`, text(classes.map((each) => each?.name ?? ''))],
    [`${prefix}/label`, { type: 'int64', values: classes.map((each) => each?.id ?? 0) }],
  ]
}

function labelFeatures(
  labels: readonly Annotation[],
  names: ClassNames,
): readonly (readonly [string, TfFeature])[] {
  if (labels.length === 0) return []
  const hasScores = labels.some(({ score }) => score !== undefined)
  const scores = labels.map(({ score }) => score ?? 1)
  return [
    ...classFeatures('image/class', labels, names),
    ...(hasScores ? [['image/class/confidence', { type: 'float', values: scores }] as const] : []),
  ]
}

/** An annotation that has a box, and perhaps a mask. */
interface TfObject {
  readonly annotation: Annotation
  readonly box: BoxNumbers
  readonly mask?: Mask
}

function objectOf(annotation: Annotation, { width, height }: Media): TfObject | undefined {
  if (width === undefined || height === undefined || width <= 0 || height <= 0) return undefined
  if (annotation.type === 'box') {
    const { x, y, width: across, height: down } = annotation
    return { annotation, box: [x, y, across, down] }
  }
  if (annotation.type !== 'mask') return undefined
  const mask = readMask(annotation)
  const pixels = annotation.width * annotation.height
  if (mask === undefined || pixels === 0 || pixels > MAX_BITMAP_PIXELS) return undefined
  return { annotation, mask, box: annotation.box ?? maskBounds(mask) }
}

function objectFeatures(
  objects: readonly TfObject[],
  names: ClassNames,
  { width = 1, height = 1 }: Media,
): readonly (readonly [string, TfFeature])[] {
  if (objects.length === 0) return []
  const annotations = objects.map(({ annotation }) => annotation)
  const boxes = objects.map(({ box }) => normaliseBox(box, { width, height }, Math.fround))
  const side = (of: 'left' | 'top' | 'right' | 'bottom'): TfFeature => ({
    type: 'float',
    values: boxes.map((box) => box[of]),
  })
  const flags = (
    name: string,
    of: (annotation: Annotation) => unknown,
  ): readonly (readonly [string, TfFeature])[] =>
    annotations.every((each) => of(each) === undefined)
      ? []
      : [[name, { type: 'int64', values: annotations.map((each) => (of(each) === true ? 1 : 0)) }]]
  const views = annotations.map(({ attributes }) => attributes?.['view'])
  const hasAreas = annotations.some(({ area }) => area !== undefined)
  const areas = annotations.map((each) => each.area ?? areaOf(each) ?? 0)
  const hasMasks = objects.some(({ mask }) => mask !== undefined)
  const masks = objects.map(({ mask }) => (mask === undefined ? NO_MASK : encodeMaskPng(mask)))
  return [
    ['image/object/bbox/xmin', side('left')],
    ['image/object/bbox/xmax', side('right')],
    ['image/object/bbox/ymin', side('top')],
    ['image/object/bbox/ymax', side('bottom')],
    ...classFeatures('image/object/class', annotations, names),
    ...(hasAreas ? [['image/object/area', { type: 'float', values: areas }] as const] : []),
    ...flags('image/object/is_crowd', ({ crowd }) => crowd),
    ...flags('image/object/truncated', ({ truncated }) => truncated),
    ...flags('image/object/difficult', ({ attributes }) => attributes?.['difficult']),
    ...flags('image/object/group_of', ({ attributes }) => attributes?.['is_group_of']),
    ...(views.some((view) => typeof view === 'string')
      ? [
          [
            'image/object/view',
            text(views.map((view) => (typeof view === 'string' ? view : ''))),
          ] as const,
        ]
      : []),
    ...(hasMasks ? [['image/object/mask', { type: 'bytes', values: masks }] as const] : []),
    ...restFeatures(annotations),
  ]
}

const NO_MASK = new Uint8Array(0)

/** Features we have no name for: one value of each object, a zero or nothing where it has none. */
function restFeatures(
  annotations: readonly Annotation[],
): readonly (readonly [string, TfFeature])[] {
  const owns = annotations.map(({ extra }) => ownOf(extra?.[FORMAT]))
  const names = new Set(owns.flatMap((own) => Object.keys(own)))
  return [...names].flatMap((name): readonly (readonly [string, TfFeature])[] => {
    const features = owns.map((own) => featureFromJson(own[name]))
    const type = features.find((feature) => feature !== undefined)?.type
    if (type === undefined) return []
    if (type === 'bytes') {
      const values = features.map(
        (each) => (each?.type === type ? each.values[0] : undefined) ?? NO_MASK,
      )
      return [[name, { type, values }]]
    }
    const values = features.map((each) => (each?.type === type ? each.values[0] : undefined) ?? 0)
    if (type === 'int64') return [[name, { type, values }]]
    return [[name, { type, values: values.map(Number) }]]
  })
}

function ownFeatures(own: JsonObject): readonly (readonly [string, TfFeature])[] {
  const features = own['features']
  return Object.entries(isObject(features) ? features : {}).flatMap(([name, json]) => {
    const feature = featureFromJson(json)
    return feature === undefined ? [] : [[name, feature] as const]
  })
}

/** Numbers of 32 bits hold about seven digits. */
function reportRounding(
  { annotation, box, mask }: TfObject,
  { width = 1, height = 1 }: Media,
  where: string,
  onLoss: WriteContext['onLoss'],
): void {
  const changed = roundedFields(box, { width, height }, Math.fround)
  const fields = mask === undefined ? changed : changed.slice(0, 1).map(() => 'box')
  for (const field of fields) onLoss({ what: `field: ${field}`, where })
  const { area } = annotation
  if (area !== undefined && decimalOf(Math.fround(area), Math.fround) !== area) {
    onLoss({ what: 'field: area', where })
  }
}
