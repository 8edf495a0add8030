import {
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  bitmapToCounts,
  countsToBitmap,
  type Geometry,
  type Json,
  maskGeometry,
  MAX_BITMAP_PIXELS,
} from '@dsv/core'
import { isAttributeValue } from '../shared/attribute-value.ts'
import {
  arrayAt,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  wrongValue,
} from '../shared/json-reader.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** A shape: what it says, or why it cannot be read. */
export type ReadShape = { readonly draft: AnnotationDraft } | { readonly unknown: string }

type Point = readonly [x: number, y: number]

/** A geometry, and what of the shape it does not say. */
interface ShapeGeometry {
  readonly geometry: Geometry
  readonly extra?: JsonObject
}

/** Reads one shape. @throws `DSV_FORMAT_SYNTAX` */
export function readShape(shape: Json, place: JsonPlace, size: ImageSize | undefined): ReadShape {
  const {
    label,
    points,
    group_id,
    description,
    shape_type,
    flags,
    attributes,
    score,
    mask,
    ...rest
  } = objectAt(shape, place)
  // Old releases had polygons only.
  const type = typeof shape_type === 'string' ? shape_type : 'polygon'
  const found = geometryOf(type, {
    points: pointsAt(points, placeOf(place, 'points')),
    mask,
    size,
    place,
  })
  if (found === undefined) return { unknown: type }
  const said: Attributes = {
    ...valuesOf(flags),
    ...valuesOf(attributes),
    ...(typeof description === 'string' && description !== '' && { description }),
  }
  const objects = Object.entries(isObject(attributes) ? attributes : {}).filter(
    ([, value]) => !isAttributeValue(value),
  )
  const kept: JsonObject = {
    ...rest,
    ...(objects.length > 0 && { attributes: Object.fromEntries(objects) }),
  }
  const extra = { ...found.extra, ...(Object.keys(kept).length > 0 && { rest: kept }) }
  const draft: AnnotationDraft = {
    ...found.geometry,
    ...(typeof label === 'string' && label !== '' && { category: label }),
    ...(Object.keys(said).length > 0 && { attributes: said }),
    ...(typeof score === 'number' && Number.isFinite(score) && { score }),
    ...((typeof group_id === 'number' || typeof group_id === 'string') && { group: group_id }),
    ...(Object.keys(extra).length > 0 && { extra: { labelme: extra } }),
  }
  return { draft }
}

function valuesOf(json: Json | undefined): Attributes {
  const values: [string, AttributeValue][] = []
  for (const [name, value] of Object.entries(isObject(json) ? json : {})) {
    if (isAttributeValue(value)) values.push([name, value])
  }
  return Object.fromEntries(values)
}

function pointsAt(json: Json | undefined, place: JsonPlace): readonly Point[] {
  return arrayAt(json, place).map((pair, at) => {
    const [x, y] = isNumbers(pair) ? pair : []
    if (x === undefined || y === undefined) {
      throw wrongValue(placeOf(place, at), 'should be two numbers')
    }
    return [x, y]
  })
}

interface ShapeParts {
  readonly points: readonly Point[]
  readonly mask: Json | undefined
  readonly size: ImageSize | undefined
  readonly place: JsonPlace
}

function geometryOf(type: string, parts: ShapeParts): ShapeGeometry | undefined {
  const { points, place } = parts
  const flat = points.flat()
  const at = placeOf(place, 'points')
  switch (type) {
    case 'polygon':
      return { geometry: { type, parts: [[flat]] } }
    case 'rectangle':
      return { geometry: boxOf(points, at) }
    case 'circle':
      return circleOf(points, at)
    case 'line':
    case 'linestrip':
      return {
        geometry: { type: 'polyline', points: flat },
        ...(type === 'line' && { extra: { shape_type: type } }),
      }
    case 'point':
    case 'points':
      return {
        geometry: { type: 'points', points: flat, visibility: points.map(() => 2) },
        ...((type === 'point') !== (points.length === 1) && { extra: { shape_type: type } }),
      }
    case 'mask':
      return maskOf(parts)
    case 'oriented_rectangle':
    case 'quadrilateral':
    case 'rotation':
      if (points.length !== 4) throw wrongValue(at, 'should be four points')
      return { geometry: { type: 'quad', points: flat }, extra: { shape_type: type } }
    default:
      return undefined
  }
}

/** Two opposite corners, or all four. */
function boxOf(points: readonly Point[], place: JsonPlace): Geometry {
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const isBox = new Set(xs).size <= 2 && new Set(ys).size <= 2
  if ((points.length !== 2 && points.length !== 4) || !isBox) {
    throw wrongValue(place, 'should be two opposite corners')
  }
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { type: 'box', x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}

/** The centre, and a point of the circle. */
function circleOf(points: readonly Point[], place: JsonPlace): ShapeGeometry {
  const [centre, edge] = points
  if (centre === undefined || edge === undefined || points.length !== 2) {
    throw wrongValue(place, 'should be the centre and a point of the circle')
  }
  const [cx, cy] = centre
  const radius = Math.hypot(edge[0] - cx, edge[1] - cy)
  const isUsual = edge[1] === cy && edge[0] >= cx
  return {
    geometry: { type: 'ellipse', cx, cy, rx: radius, ry: radius, angle: 0 },
    ...(!isUsual && { extra: { edge } }),
  }
}

/** The corners are the first and the last pixel of a picture of the mask. */
function maskOf({ points, mask, size, place }: ShapeParts): ShapeGeometry | undefined {
  const at = placeOf(place, 'mask')
  const [first] = points
  if (typeof mask !== 'string') throw wrongValue(at, 'should be a picture as base64')
  if (first === undefined) throw wrongValue(placeOf(place, 'points'), 'should be two corners')
  if (size === undefined || size.width * size.height > MAX_BITMAP_PIXELS) return undefined
  const crop = decodeMaskPng(Buffer.from(mask, 'base64'), `${at.file} (${at.path})`)
  const pixels = countsToBitmap(crop.counts, crop.width * crop.height)
  const [left, top] = [Math.trunc(first[0]), Math.trunc(first[1])]
  const bitmap = new Uint8Array(size.width * size.height)
  for (let x = Math.max(0, -left); x < crop.width && left + x < size.width; x += 1) {
    for (let y = Math.max(0, -top); y < crop.height && top + y < size.height; y += 1) {
      bitmap[(left + x) * size.height + top + y] = pixels[x * crop.height + y] ?? 0
    }
  }
  return { geometry: maskGeometry({ ...size, counts: bitmapToCounts(bitmap) }) }
}
