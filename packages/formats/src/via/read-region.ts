import type { AnnotationDraft, AttributeValue, Geometry, Json } from '@dsv/core'
import { isAttributeValue } from '../shared/attribute-value.ts'
import {
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'

/** A region of VIA: what it says, or the name of a shape that is not known. */
export type ReadRegion = { readonly draft: AnnotationDraft } | { readonly unknown: string }

/**
 * Reads one region. `classAttribute` is the attribute that is its class.
 *
 * @see {@link https://gitlab.com/vgg/via/-/blob/master/via-2.x.y/CodeDoc.md | the structure of regions}
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function readRegion(
  region: Json,
  place: JsonPlace,
  classAttribute: string | undefined,
): ReadRegion {
  const { shape_attributes: shape, region_attributes: said, ...others } = objectAt(region, place)
  const at = placeOf(place, 'shape_attributes')
  const { name, ...numbers } = objectAt(shape, at)
  const found = geometryOf(name, numbers, at)
  if (found === undefined) return { unknown: JSON.stringify(name ?? null) }
  const { geometry, used } = found
  const restShape = without(numbers, used)
  const { attributes, rest, category } = readAttributes(isObject(said) ? said : {}, classAttribute)
  const extra: JsonObject = {
    ...(name === 'circle' && { shape: 'circle' }),
    ...(Object.keys(restShape).length > 0 && { shape_attributes: restShape }),
    ...(Object.keys(rest).length > 0 && { region_attributes: rest }),
    ...(Object.keys(others).length > 0 && { others }),
  }
  const draft: AnnotationDraft = {
    ...geometry,
    ...(category !== undefined && { category }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(Object.keys(extra).length > 0 && { extra: { via: extra } }),
  }
  return { draft }
}

/** Splits attributes in those that we have values for, and the rest: several boxes that are ticked. */
export function readAttributes(
  said: JsonObject,
  classAttribute: string | undefined,
): {
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly rest: JsonObject
  readonly category: string | undefined
} {
  const attributes: [string, AttributeValue][] = []
  const rest: [string, Json][] = []
  let category: string | undefined
  for (const [name, value] of Object.entries(said)) {
    if (name === classAttribute && typeof value === 'string' && value !== '') category = value
    else if (isAttributeValue(value) && name !== classAttribute) attributes.push([name, value])
    else rest.push([name, value])
  }
  return { attributes: Object.fromEntries(attributes), rest: Object.fromEntries(rest), category }
}

function geometryOf(
  name: Json | undefined,
  shape: JsonObject,
  place: JsonPlace,
): { readonly geometry: Geometry; readonly used: readonly string[] } | undefined {
  const number = (key: string): number => {
    const value = shape[key]
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw wrongValue(placeOf(place, key), 'should be a number')
  }
  if (name === 'rect') {
    const [x, y, width, height] = ['x', 'y', 'width', 'height'].map(number)
    if (x === undefined || y === undefined || width === undefined || height === undefined) return
    return { geometry: { type: 'box', x, y, width, height }, used: ['x', 'y', 'width', 'height'] }
  }
  if (name === 'circle' || name === 'ellipse') {
    const isCircle = name === 'circle'
    const [cx, cy] = [number('cx'), number('cy')]
    const [rx, ry] = isCircle ? [number('r'), number('r')] : [number('rx'), number('ry')]
    const angle = isCircle || shape['theta'] === undefined ? 0 : number('theta')
    const used = isCircle ? ['cx', 'cy', 'r'] : ['cx', 'cy', 'rx', 'ry', 'theta']
    return { geometry: { type: 'ellipse', cx, cy, rx, ry, angle }, used }
  }
  if (name === 'point') {
    const points = [number('cx'), number('cy')]
    return { geometry: { type: 'points', points, visibility: [2] }, used: ['cx', 'cy'] }
  }
  const used = ['all_points_x', 'all_points_y']
  if (name === 'polyline') {
    return { geometry: { type: 'polyline', points: pointsOf(shape, place) }, used }
  }
  if (name !== 'polygon') return undefined
  return { geometry: { type: 'polygon', parts: [[openRing(pointsOf(shape, place))]] }, used }
}

function pointsOf(shape: JsonObject, place: JsonPlace): readonly number[] {
  const [xs, ys] = [shape['all_points_x'], shape['all_points_y']]
  if (!isNumbers(xs))
    throw wrongValue(placeOf(place, 'all_points_x'), 'should be a list of numbers')
  if (!isNumbers(ys))
    throw wrongValue(placeOf(place, 'all_points_y'), 'should be a list of numbers')
  if (xs.length !== ys.length) throw wrongValue(place, 'should have as many x as y')
  return xs.flatMap((x, at) => [x, ys[at] ?? 0])
}

/** Version 1 says the first point again at the end. */
function openRing(points: readonly number[]): readonly number[] {
  const [x, y] = points
  const isClosed = points.length > 6 && points.at(-2) === x && points.at(-1) === y
  return isClosed ? points.slice(0, -2) : points
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
