import {
  type Annotation,
  type AnnotationDraft,
  type Geometry,
  ellipseRing,
  isEqual,
  type Json,
  maskGeometry,
  polygonToMask,
  rotatedBoxCorners,
} from '@dsv/core'
import { isObject, type JsonObject } from './json-reader.ts'
import { FIELD_ATTRIBUTES, readAnnotation } from './read-datumaro-annotation.ts'

/** What writing an annotation needs besides. */
export interface AnnotationTarget {
  /** Keys of the categories, in the order of the file. */
  readonly keys: readonly string[]
  readonly numbers: ReadonlyMap<string, number>
  readonly size: { readonly width: number; readonly height: number } | undefined
}

/**
 * Returns the records of an annotation: several for a polygon of several parts, none for what Datumaro has
 * no kind of record for. What a record does not say by Datumaro's members, it says by one of our own.
 */
export function annotationRecords(
  { uid: _uid, ...draft }: Annotation,
  target: AnnotationTarget,
): readonly JsonObject[] {
  const geometries = geometriesOf(draft, target.size)
  return geometries.map((geometry, part) => {
    const plain = { ...commonOf(draft, geometry, target), ...geometry }
    const isPart = geometries.length > 1
    // A part says the same as the whole but for its ring.
    const said: AnnotationDraft =
      isPart && draft.type === 'polygon'
        ? { ...draft, parts: draft.parts.slice(part, part + 1) }
        : draft
    const own = { ...ownOf(plain, said, target), ...(isPart ? { part } : {}) }
    return Object.keys(own).length === 0 ? plain : { ...plain, dsv: own }
  })
}

/** Returns an annotation as we say it, for what Datumaro has no kind of record for. */
export function ownRecord({ uid: _uid, ...draft }: Annotation): JsonObject {
  return toJson(draft)
}

function ownOf(plain: JsonObject, draft: AnnotationDraft, { keys }: AnnotationTarget): JsonObject {
  const read = readAnnotation(plain, { file: '', path: '' }, keys)
  if (read.type !== draft.type) return toJson(draft)
  const back = new Map<string, unknown>(Object.entries(read))
  return Object.fromEntries(
    Object.entries(toJson(draft)).filter(([name, value]) => !isEqual(back.get(name), value)),
  )
}

function toJson(draft: AnnotationDraft): JsonObject {
  const json: Json = JSON.parse(JSON.stringify(draft))
  return isObject(json) ? json : {}
}

const Z_ORDERED: ReadonlySet<string> = new Set(
  'bbox rotated_bbox polygon polyline points ellipse mask cuboid_2d'.split(' '),
)

function commonOf(
  draft: AnnotationDraft,
  { type }: JsonObject,
  target: AnnotationTarget,
): JsonObject {
  const { category, group, track, sourceId, zOrder } = draft
  const label = category === undefined ? undefined : target.numbers.get(category)
  const hasObject = typeof track === 'number' && Number.isSafeInteger(track) && track >= 0
  const isOrdered = typeof type === 'string' && Z_ORDERED.has(type)
  const datumaro = draft.extra?.['datumaro']
  const { attributes: _attributes, ...unknown } = isObject(datumaro) ? datumaro : {}
  return {
    ...unknown,
    id: wholeOr0(sourceId),
    type: type ?? null,
    attributes: attributesOf(draft),
    group: wholeOr0(group),
    ...(hasObject ? { object_id: track } : {}),
    ...(type === 'caption' && label === undefined ? {} : { label_id: label ?? null }),
    ...(isOrdered ? { z_order: wholeOr0(zOrder) } : {}),
  }
}

function wholeOr0(value: number | string | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0
}

/** What we have fields for are attributes to Datumaro, also in what it imports from elsewhere. */
function attributesOf(draft: AnnotationDraft): Json {
  const datumaro = draft.extra?.['datumaro']
  const rest = isObject(datumaro) ? datumaro['attributes'] : undefined
  const fields = FIELD_ATTRIBUTES.flatMap(([name, field]): [string, Json][] => {
    const value = draft[field]
    return typeof value === 'boolean' || typeof value === 'number' ? [[name, value]] : []
  })
  const { track } = draft
  return Object.fromEntries([
    ...Object.entries(draft.attributes ?? {}),
    ...(isObject(rest) ? Object.entries(rest) : []),
    ...fields,
    ...(track === undefined ? [] : [['track_id', track] as const]),
  ])
}

function geometriesOf(draft: Geometry, size: AnnotationTarget['size']): readonly JsonObject[] {
  switch (draft.type) {
    case 'label':
      return [{ type: 'label' }]
    case 'box':
      return [{ type: 'bbox', bbox: [draft.x, draft.y, draft.width, draft.height] }]
    case 'rotated-box':
      // Datumaro knows turned boxes, but refuses files that hold any.
      return [{ type: 'polygon', points: rotatedBoxCorners(draft) }]
    case 'quad':
      return [{ type: 'polygon', points: draft.points }]
    case 'polygon':
      return polygonsOf(draft.parts, size)
    case 'polyline':
      return [{ type: 'polyline', points: draft.points }]
    case 'points':
      return [{ type: 'points', points: draft.points, visibility: draft.visibility }]
    case 'ellipse': {
      const { cx, cy, rx, ry, angle } = draft
      if (angle !== 0) return [{ type: 'polygon', points: ellipseRing(draft) }]
      return [{ type: 'ellipse', points: [cx - rx, cy - ry, cx + rx, cy + ry] }]
    }
    case 'mask':
    case 'panoptic-segment':
      return [maskRecord(draft)]
    case 'cuboid-2d': {
      const { points } = draft
      const isWhole = points.length === 16
      const pairs = points.flatMap((x, at) => (at % 2 === 0 ? [[x, points[at + 1] ?? 0]] : []))
      return isWhole ? [{ type: 'cuboid_2d', points: pairs }] : []
    }
    case 'cuboid-3d': {
      const { position, rotation, size: scale } = draft
      return [{ type: 'cuboid_3d', position, rotation, scale }]
    }
    case 'caption':
    case 'text':
      return [{ type: 'caption', caption: draft.text }]
    case 'vector':
    case 'tabular':
    case 'reference':
    case 'relation':
    case 'temporal-segment':
      return []
  }
}

/** A polygon with holes is a mask to those who know no holes; each part is a polygon to them. */
function polygonsOf(
  parts: readonly (readonly (readonly number[])[])[],
  size: AnnotationTarget['size'],
): readonly JsonObject[] {
  if (parts.length === 0) return [{ type: 'polygon', points: [] }]
  if (size !== undefined && parts.some((rings) => rings.length > 1)) {
    const mask = polygonToMask(parts, size.width, size.height)
    if (mask !== undefined) return [maskRecord(maskGeometry(mask))]
  }
  return parts.map((rings) => ({ type: 'polygon', points: rings[0] ?? [] }))
}

function maskRecord(mask: {
  readonly width: number
  readonly height: number
  readonly counts: string
}): JsonObject {
  return { type: 'mask', rle: { counts: mask.counts, size: [mask.height, mask.width] } }
}
