import {
  type AnnotationDraft,
  type BoxNumbers,
  boundsOf,
  type Geometry,
  type Json,
} from '@dsv/core'
import {
  arrayAt,
  isArray,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'

/** What a region says, an annotation for each of its tags; or the type that is not known. */
export type ReadRegion =
  | { readonly drafts: readonly AnnotationDraft[] }
  | { readonly unknown: string }

/** Reads one region. @throws `DSV_FORMAT_SYNTAX` */
export function readRegion(region: Json, place: JsonPlace): ReadRegion {
  const { id, type, tags, boundingBox, points, ...rest } = objectAt(region, place)
  const box =
    boundingBox === undefined || boundingBox === null
      ? undefined
      : boxAt(boundingBox, placeOf(place, 'boundingBox'))
  const geometry = geometryOf(type, { box, points, place })
  if (geometry === undefined) return { unknown: JSON.stringify(type ?? null) }
  const bounds = geometry.type === 'polygon' ? boundsOf(geometry) : undefined
  const isOwnBox = box !== undefined && bounds !== undefined && !isSameBox(box, bounds)
  const extra: JsonObject = { ...rest, ...(type === 'SQUARE' && { type }) }
  const common = {
    ...((typeof id === 'string' || typeof id === 'number') && { sourceId: id }),
    ...(isOwnBox && { box }),
    ...(Object.keys(extra).length > 0 && { extra: { 'vott-json': extra } }),
  }
  const names = (isArray(tags) ? tags : []).filter((tag) => typeof tag === 'string')
  if (names.length === 0) return { drafts: [{ ...geometry, ...common }] }
  return { drafts: names.map((category) => ({ ...geometry, ...common, category })) }
}

interface RegionParts {
  readonly box: BoxNumbers | undefined
  readonly points: Json | undefined
  readonly place: JsonPlace
}

function geometryOf(
  type: Json | undefined,
  { box, points, place }: RegionParts,
): Geometry | undefined {
  if (type === 'POLYGON' || type === 'POLYLINE' || type === 'POINT') {
    const flat = pointsAt(points, placeOf(place, 'points'))
    if (type === 'POLYGON') return { type: 'polygon', parts: [[flat]] }
    if (type === 'POLYLINE') return { type: 'polyline', points: flat }
    return {
      type: 'points',
      points: flat,
      visibility: flat.filter((_, at) => at % 2 === 0).map(() => 2),
    }
  }
  // Early releases did not say the type.
  if (type !== 'RECTANGLE' && type !== 'SQUARE' && type !== undefined) return undefined
  if (box === undefined) throw wrongValue(placeOf(place, 'boundingBox'), 'is missing')
  const [x, y, width, height] = box
  return { type: 'box', x, y, width, height }
}

function boxAt(json: Json, place: JsonPlace): BoxNumbers {
  const box = objectAt(json, place)
  const number = (name: string): number => numberAt(box[name], placeOf(place, name))
  return [number('left'), number('top'), number('width'), number('height')]
}

function pointsAt(json: Json | undefined, place: JsonPlace): readonly number[] {
  return arrayAt(json, place).flatMap((point, at) => {
    const inside = placeOf(place, at)
    if (!isObject(point)) throw wrongValue(inside, 'should be a point')
    return [numberAt(point['x'], placeOf(inside, 'x')), numberAt(point['y'], placeOf(inside, 'y'))]
  })
}

function numberAt(json: Json | undefined, place: JsonPlace): number {
  if (typeof json === 'number' && Number.isFinite(json)) return json
  throw wrongValue(place, 'should be a number')
}

function isSameBox(a: BoxNumbers, b: BoxNumbers): boolean {
  return a.every((value, at) => value === b[at])
}
