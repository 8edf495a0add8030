import {
  type AnnotationCommon,
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  type BoxNumbers,
  formatCounts,
  type Geometry,
  type Json,
  parseCounts,
} from '@dsv/core'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import type { CocoTask } from './find-files.ts'
import { type CocoId, isId } from './layout.ts'

/** The key of `extra` under which is kept how a record said something: which fields, which notation. */
export const FORM = 'coco-form'

/** What reading an annotation needs to know of its file. */
export interface AnnotationSource {
  readonly categories: ReadonlyMap<CocoId, string>
  /** Kept with the annotation when it is not what its type goes to anyway. */
  readonly task: CocoTask | undefined
  /** Whether the subset has several files, so that the task has to be remembered. */
  readonly isOneOfSeveral: boolean
}

/** Where annotations of a type are written when nothing else is remembered. */
export function taskOfType(type: AnnotationDraft['type']): CocoTask {
  if (type === 'points') return 'keypoints'
  if (type === 'caption') return 'captions'
  if (type === 'panoptic-segment') return 'panoptic'
  return type === 'label' ? 'labels' : 'instances'
}

/**
 * Returns the annotations in one COCO record: mostly one; two when it has keypoints beside a region.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function readAnnotation(
  record: JsonObject,
  place: JsonPlace,
  source: AnnotationSource,
): readonly AnnotationDraft[] {
  const common: Mutable<AnnotationCommon> = {}
  const rest: Record<string, Json> = {}
  const form: Record<string, Json> = {}
  let region: Geometry | undefined
  let keypoints: Geometry | undefined
  let caption: Geometry | undefined
  let bbox: BoxNumbers | undefined
  for (const key in record) {
    const value = record[key]
    if (value === undefined) continue
    switch (key) {
      case 'image_id':
        break
      case 'id':
        if (isId(value)) common.sourceId = value
        else rest['id'] = value
        break
      case 'category_id':
        readCategoryId(value, place, source, common, rest)
        break
      case 'segmentation':
        region = readSegmentation(value, placeOf(place, key), rest, form)
        break
      case 'bbox':
        bbox = readBox(value, place, rest)
        break
      case 'area':
        if (typeof value === 'number') common.area = value
        else rest['area'] = value
        break
      case 'iscrowd':
        if (value === 0 || value === 1) common.crowd = value === 1
        else rest['iscrowd'] = value
        break
      case 'score':
        if (typeof value === 'number') common.score = value
        else rest['score'] = value
        break
      case 'keypoints':
        keypoints = readKeypoints(value, placeOf(place, key))
        break
      case 'caption':
        caption = { type: 'caption', text: stringAt(value, placeOf(place, key)) }
        break
      case 'attributes':
        if (isAttributes(value)) common.attributes = value
        else rest['attributes'] = value
        break
      case 'track_id':
        if (isId(value)) common.track = value
        else rest['track_id'] = value
        break
      case 'dsv':
        readExtension(value, common, rest)
        break
      default:
        setOwn(rest, key, value)
    }
  }
  readPointCount(keypoints, rest, form)
  if (common.category === undefined) readNoCategory(rest, form, caption !== undefined, source)
  return drafts({ common, rest, form, region, keypoints, caption, bbox }, source)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Parts {
  readonly common: Mutable<AnnotationCommon>
  readonly rest: Record<string, Json>
  /** How the record says it, where there are several ways. */
  readonly form: Record<string, Json>
  readonly region: Geometry | undefined
  readonly keypoints: Geometry | undefined
  readonly caption: Geometry | undefined
  readonly bbox: BoxNumbers | undefined
}

function drafts(parts: Parts, source: AnnotationSource): readonly AnnotationDraft[] {
  const { common, region, keypoints, caption, bbox } = parts
  const [first, second] = [
    caption ?? keypoints ?? region,
    keypoints === undefined ? undefined : region,
  ]
  if (first === undefined) {
    if (bbox === undefined) return [withExtra(common, { type: 'label' }, parts, source)]
    const [x, y, width, height] = bbox
    return [withExtra(common, { type: 'box', x, y, width, height }, parts, source)]
  }
  if (bbox !== undefined) common.box = bbox
  if (second === undefined) return [withExtra(common, first, parts, source)]
  common.group ??= joinedGroup(common)
  return [withExtra(common, first, parts, source), withExtra(common, second, parts, source)]
}

/** The group of the two annotations that one record with keypoints and a region becomes. */
export function joinedGroup({ sourceId }: Pick<AnnotationCommon, 'sourceId'>): string {
  return `coco:${sourceId ?? ''}`
}

function withExtra(
  common: AnnotationCommon,
  geometry: Geometry,
  { rest, form }: Parts,
  { task, isOneOfSeveral }: AnnotationSource,
): AnnotationDraft {
  const isElsewhere = isOneOfSeveral && task !== undefined && task !== taskOfType(geometry.type)
  const how = isElsewhere ? { ...form, task } : form
  const hasRest = Object.keys(rest).length > 0
  const hasForm = Object.keys(how).length > 0
  // Spreading two objects into one takes 25 times as long, and most of what garbage there is.
  if (!hasRest && !hasForm) return Object.assign({}, common, geometry)
  const extra = { ...(hasRest ? { coco: rest } : {}), ...(hasForm ? { [FORM]: how } : {}) }
  return Object.assign({}, common, { extra }, geometry)
}

function readCategoryId(
  value: Json,
  place: JsonPlace,
  { categories }: AnnotationSource,
  common: Mutable<AnnotationCommon>,
  rest: Record<string, Json>,
): void {
  const key = isId(value) ? categories.get(value) : undefined
  if (key !== undefined) common.category = key
  else if (categories.size === 0 || value === null || value === 0 || value === -1)
    rest['category_id'] = value
  else
    throw wrongValue(
      placeOf(place, 'category_id'),
      `is ${JSON.stringify(value)}, which is no id in \`categories\``,
    )
}

/**
 * Captions mostly have no `category_id`; other records without category have one that no category
 * has. Only what differs from that is kept.
 */
function readNoCategory(
  rest: Record<string, Json>,
  form: Record<string, Json>,
  isCaption: boolean,
  { categories }: AnnotationSource,
): void {
  const usual = isCaption ? undefined : categories.has(0) ? -1 : 0
  if (rest['category_id'] === usual) delete rest['category_id']
  else if (rest['category_id'] === undefined) form['hasNoCategory'] = true
}

function readSegmentation(
  value: Json,
  place: JsonPlace,
  rest: Record<string, Json>,
  form: Record<string, Json>,
): Geometry | undefined {
  if (value === null || (isArray(value) && value.length === 0)) {
    rest['segmentation'] = value
    return undefined
  }
  if (isObject(value)) return readMask(value, place, form)
  if (!isArray(value)) throw wrongValue(place, 'should be polygons or a run-length mask')
  if (typeof value[0] === 'number') {
    form['segmentation'] = 'flat'
    return { type: 'polygon', parts: [[readRing(value, place)]] }
  }
  return {
    type: 'polygon',
    parts: value.map((ring, index) => [readRing(ring, placeOf(place, index))]),
  }
}

function readRing(value: Json, place: JsonPlace): readonly number[] {
  if (isNumbers(value) && value.length % 2 === 0) return value
  throw wrongValue(place, 'should hold an even count of numbers')
}

/** Both forms of run lengths; `counts` remembers the one that is a list. */
function readMask(value: JsonObject, place: JsonPlace, form: Record<string, Json>): Geometry {
  const { counts, size } = value
  if (!isNumbers(size) || size.length !== 2 || !size.every(isSize)) {
    throw wrongValue(placeOf(place, 'size'), 'should hold height and width')
  }
  const [height = 0, width = 0] = size
  if (typeof counts === 'string') {
    if (parseCounts(counts) === undefined) {
      throw wrongValue(placeOf(place, 'counts'), 'is no run-length string')
    }
    return { type: 'mask', width, height, counts }
  }
  if (!isNumbers(counts) || !counts.every(isSize)) {
    throw wrongValue(placeOf(place, 'counts'), 'should be run lengths')
  }
  form['segmentation'] = 'counts'
  return { type: 'mask', width, height, counts: formatCounts(counts) }
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function readBox(
  value: Json,
  place: JsonPlace,
  rest: Record<string, Json>,
): BoxNumbers | undefined {
  if (value === null || (isArray(value) && value.length === 0)) {
    rest['bbox'] = value
    return undefined
  }
  if (isNumbers(value) && value.length === 4) {
    return [value[0] ?? 0, value[1] ?? 0, value[2] ?? 0, value[3] ?? 0]
  }
  throw wrongValue(placeOf(place, 'bbox'), 'should hold 4 numbers')
}

function readKeypoints(value: Json, place: JsonPlace): Geometry {
  if (!isNumbers(value) || value.length % 3 !== 0) {
    throw wrongValue(place, 'should hold 3 numbers for each point')
  }
  const points: number[] = []
  const visibility: number[] = []
  for (let index = 0; index < value.length; index += 3) {
    points.push(value[index] ?? 0, value[index + 1] ?? 0)
    visibility.push(value[index + 2] ?? 0)
  }
  return { type: 'points', points, visibility }
}

/** `num_keypoints` is only kept when it is not what counting gives. */
function readPointCount(
  keypoints: Geometry | undefined,
  rest: Record<string, Json>,
  form: Record<string, Json>,
): void {
  if (keypoints?.type !== 'points') return
  const count = keypoints.visibility.filter((seen) => seen > 0).length
  if (rest['num_keypoints'] === count) delete rest['num_keypoints']
  else if (rest['num_keypoints'] === undefined) form['hasNoCount'] = true
}

/** Returns whether `value` holds attributes: names with scalars or lists of scalars. */
export function isAttributes(value: Json | undefined): value is Attributes {
  return isObject(value) && Object.values(value).every(isAttributeValue)
}

function isAttributeValue(value: Json): value is AttributeValue {
  if (isArray(value)) return value.every(isAttributeValue)
  return value === null || typeof value !== 'object'
}

/** What COCO has no field for, under one key of our own. */
function readExtension(
  value: Json,
  common: Mutable<AnnotationCommon>,
  rest: Record<string, Json>,
): void {
  if (!isObject(value)) {
    rest['dsv'] = value
    return
  }
  const others: Record<string, Json> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'group' && isId(inner)) common.group = inner
    else if (key === 'zOrder' && typeof inner === 'number') common.zOrder = inner
    else if (key === 'occluded' && typeof inner === 'boolean') common.occluded = inner
    else if (key === 'outside' && typeof inner === 'boolean') common.outside = inner
    else if (key === 'truncated' && typeof inner === 'boolean') common.truncated = inner
    else if (key === 'provenance' && typeof inner === 'string') common.provenance = inner
    else setOwn(others, key, inner)
  }
  for (const _ in others) {
    rest['dsv'] = others
    return
  }
}

/** Sets a member under any name; plain assignment would take `__proto__` for something else. */
export function setOwn(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  } else target[key] = value
}
