import {
  type Annotation,
  type AnnotationDraft,
  formatCounts,
  isAnnotationDraft,
  isFieldOf,
  type Json,
  parseCounts,
} from '@dsv/core'
import { isArray, isNumbers, isObject, type JsonObject } from '../shared/json-reader.ts'

/** Names in files, as COCO has them where it has one, and ours. */
const FIELDS: readonly (readonly [name: string, field: string])[] = [
  ['id', 'sourceId'],
  ['score', 'score'],
  ['group', 'group'],
  ['track', 'track'],
  ['z_order', 'zOrder'],
  ['occluded', 'occluded'],
  ['outside', 'outside'],
  ['truncated', 'truncated'],
  ['iscrowd', 'crowd'],
  ['area', 'area'],
  ['attributes', 'attributes'],
]
const OWN: ReadonlySet<string> = new Set([
  ...FIELDS.map(([name]) => name),
  'category',
  'category_id',
  'bbox',
  'segmentation',
  'caption',
  'type',
  'image_id',
])

/** Returns an annotation as it stands in the list `annotations` of a sample's JSON. */
export function annotationToJson(
  { uid: _uid, provenance: _provenance, category, extra, ...draft }: Annotation,
  nameOf: (category: string) => string,
): JsonObject {
  const { type, ...fields } = draft
  const named = category === undefined ? {} : { category: nameOf(category) }
  const common: Record<string, Json> = {}
  const geometry: Record<string, Json> = {}
  const values = new Map<string, Json>(Object.entries(fields))
  for (const [name, field] of FIELDS) {
    const value = values.get(field)
    if (value !== undefined) common[name] = value
    values.delete(field)
  }
  for (const [field, value] of values) geometry[field] = value
  const own = extra?.['webdataset']
  const rest = { ...common, ...(isObject(own) ? own : {}) }
  if (draft.type === 'box') {
    return { ...named, bbox: [draft.x, draft.y, draft.width, draft.height], ...rest }
  }
  const bbox = draft.box === undefined ? {} : { bbox: draft.box }
  if (draft.type === 'mask') {
    const segmentation = { size: [draft.height, draft.width], counts: draft.counts }
    return { ...named, ...bbox, segmentation, ...rest }
  }
  if (draft.type === 'polygon' && draft.parts.every((rings) => rings.length === 1)) {
    return { ...named, ...bbox, segmentation: draft.parts.flat(), ...rest }
  }
  if (draft.type === 'caption' && draft.language === undefined) {
    return { ...named, caption: draft.text, ...rest }
  }
  // What COCO has no word for is said in ours.
  return { ...named, type, ...geometry, ...rest }
}

/** Returns what {@link annotationToJson} wrote, or COCO; undefined when it is neither. */
export function annotationFromJson(
  json: Json,
  keyOf: (name: string | number) => string,
): AnnotationDraft | undefined {
  if (!isObject(json)) return undefined
  const { category, category_id: categoryId } = json
  const name = typeof category === 'string' ? category : categoryId
  const common: Record<string, Json> = {}
  for (const [file, field] of FIELDS) {
    const value = json[file]
    if (value !== undefined)
      common[field] = file === 'iscrowd' ? value === true || value === 1 : value
  }
  const geometry = geometryOf(json)
  if (geometry === undefined) return undefined
  const rest = Object.entries(json).filter(([key]) => !OWN.has(key) && !(key in geometry))
  const draft: unknown = {
    ...(typeof name === 'string' || typeof name === 'number' ? { category: keyOf(name) } : {}),
    ...common,
    ...geometry,
    ...(rest.length > 0 && { extra: { webdataset: Object.fromEntries(rest) } }),
  }
  return isAnnotationDraft(draft) ? draft : undefined
}

function geometryOf(json: JsonObject): JsonObject | undefined {
  const { type, bbox, segmentation, caption } = json
  if (typeof type === 'string') {
    const fields = Object.entries(json).filter(([name]) => !OWN.has(name) && isFieldOf(type, name))
    return { type, ...Object.fromEntries(fields) }
  }
  const [x, y, width, height] = isNumbers(bbox) && bbox.length === 4 ? bbox : []
  const box = x === undefined ? {} : { box: bbox ?? null }
  if (isArray(segmentation) && segmentation.length > 0 && segmentation.every(isNumbers)) {
    return { type: 'polygon', parts: segmentation.map((ring) => [ring]), ...box }
  }
  if (isObject(segmentation)) {
    const mask = maskOf(segmentation)
    return mask === undefined ? undefined : { ...mask, ...box }
  }
  if (x !== undefined && y !== undefined && width !== undefined && height !== undefined) {
    return { type: 'box', x, y, width, height }
  }
  if (typeof caption === 'string') return { type: 'caption', text: caption }
  return json['category'] === undefined && json['category_id'] === undefined
    ? undefined
    : { type: 'label' }
}

function maskOf({ size, counts }: JsonObject): JsonObject | undefined {
  const [height, width] = isNumbers(size) ? size : []
  if (height === undefined || width === undefined) return undefined
  if (typeof counts === 'string') {
    return parseCounts(counts) === undefined ? undefined : { type: 'mask', width, height, counts }
  }
  const isRuns = isNumbers(counts) && counts.every((run) => Number.isSafeInteger(run) && run >= 0)
  return isRuns ? { type: 'mask', width, height, counts: formatCounts(counts) } : undefined
}
