import { formatSyntax, type Geometry, maskGeometry } from '@dsv/core'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'
import { decodeBitmap } from './bitmap.ts'
import type { GraphNodes } from './skeleton.ts'

/** What a figure is read with, beside itself. */
export interface FigureContext {
  readonly place: JsonPlace
  /** Of the image, in pixels; undefined when it is not known. */
  readonly size: { readonly width: number; readonly height: number } | undefined
  /** Of its class. */
  readonly graph: GraphNodes | undefined
}

/** Reads the geometry of an object; undefined for shapes that we have no name for. */
export function readGeometry(
  object: JsonObject,
  shape: string,
  context: FigureContext,
): Geometry | undefined {
  const { place } = context
  if (shape === 'bitmap') return readBitmap(object, context)
  if (shape === 'graph' || shape === 'keypoints') return readGraph(object, context)
  if (!['rectangle', 'oriented_bbox', 'polygon', 'line', 'polyline', 'point'].includes(shape)) {
    return undefined
  }
  const points = object['points']
  const outer = isObject(points) ? points['exterior'] : undefined
  const exterior = flat(outer, placeOf(place, 'points.exterior'))
  if (shape === 'line' || shape === 'polyline') return { type: 'polyline', points: exterior }
  if (shape === 'point') return { type: 'points', points: exterior.slice(0, 2), visibility: [2] }
  if (shape === 'polygon') {
    const inner = isObject(points) && isArray(points['interior']) ? points['interior'] : []
    const holes = inner.map((hole, at) => flat(hole, placeOf(place, `points.interior[${at}]`)))
    return { type: 'polygon', parts: [[exterior, ...holes]] }
  }
  const [x1, y1, x2, y2] = exterior
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) {
    throw wrongValue(placeOf(place, 'points.exterior'), 'should be two points')
  }
  const [x, y] = [Math.min(x1, x2), Math.min(y1, y2)]
  const [width, height] = [Math.max(x1, x2) - x, Math.max(y1, y2) - y]
  if (shape === 'rectangle') return { type: 'box', x, y, width, height }
  const { angle = 0 } = object
  if (typeof angle === 'number' && !Number.isFinite(angle)) {
    throw wrongValue(placeOf(place, 'angle'), 'should be a number')
  }
  return {
    type: 'rotated-box',
    cx: (x1 + x2) / 2,
    cy: (y1 + y2) / 2,
    width,
    height,
    angle: typeof angle === 'number' ? angle : 0,
  }
}

function flat(points: unknown, place: JsonPlace): readonly number[] {
  const list: readonly unknown[] = Array.isArray(points) ? points : []
  const numbers = list.map((point) => (Array.isArray(point) && point.length === 2 ? point : []))
  const all: unknown = numbers.flat()
  const isPoints = Array.isArray(all) && all.length === list.length * 2 && all.every(isFiniteNumber)
  if (!isPoints || list.length === 0) throw wrongValue(place, 'should be a list of points')
  return all.filter(isFiniteNumber)
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function readBitmap(object: JsonObject, { place, size }: FigureContext): Geometry {
  const at = placeOf(place, 'bitmap')
  const bitmap = object['bitmap']
  const data = isObject(bitmap) ? bitmap['data'] : undefined
  const origin = isObject(bitmap) ? bitmap['origin'] : undefined
  if (typeof data !== 'string' || !isNumbers(origin)) {
    throw wrongValue(at, 'should have data and an origin')
  }
  if (size === undefined) throw formatSyntax(place.file, 'should say the size of its image')
  const [left = 0, top = 0] = origin
  const isWhole = Number.isSafeInteger(left) && Number.isSafeInteger(top)
  if (!isWhole) throw wrongValue(placeOf(at, 'origin'), 'should be two whole numbers')
  return maskGeometry(decodeBitmap({ data, origin: [left, top] }, size, place.file))
}

function readGraph(object: JsonObject, { place, graph }: FigureContext): Geometry {
  const nodes = object['nodes']
  if (!isObject(nodes)) throw wrongValue(placeOf(place, 'nodes'), 'should be an object')
  const keys = graph?.keys ?? Object.keys(nodes)
  const other = Object.keys(nodes).find((key) => !keys.includes(key))
  if (other !== undefined) {
    throw wrongValue(placeOf(place, `nodes.${other}`), 'is no node of its class')
  }
  const found = keys.map((key) => {
    const node = Object.hasOwn(nodes, key) ? nodes[key] : undefined
    if (node === undefined) return { x: 0, y: 0, seen: 0 }
    const loc = isObject(node) ? node['loc'] : undefined
    const [x, y] = isNumbers(loc) ? loc : []
    if (x === undefined || y === undefined) {
      throw wrongValue(placeOf(place, `nodes.${key}.loc`), 'should be two numbers')
    }
    return { x, y, seen: isObject(node) && node['disabled'] === true ? 1 : 2 }
  })
  return {
    type: 'points',
    points: found.flatMap(({ x, y }) => [x, y]),
    visibility: found.map(({ seen }) => seen),
  }
}
