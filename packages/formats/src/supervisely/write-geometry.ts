import {
  type Annotation,
  type BoxGeometry,
  maskArea,
  readMask,
  type Ring,
  type RotatedBoxGeometry,
} from '@dsv/core'
import { closeNumber } from '../shared/close-number.ts'
import type { JsonObject } from '../shared/json-reader.ts'
import { encodeBitmap } from './bitmap.ts'
import type { GraphNodes } from './skeleton.ts'

/** An object as Supervisely has it: one for each part of a polygon. */
export interface WrittenFigure {
  readonly shape: string
  readonly fields: JsonObject
}

/** Figures of an annotation, and fields of its geometry that they change. */
export interface WrittenGeometry {
  readonly figures: readonly WrittenFigure[]
  readonly changed: readonly string[]
}

/** The size of the image in pixels, and the key points of the class. */
export interface WritingContext {
  readonly size: { readonly width: number; readonly height: number } | undefined
  readonly graph: GraphNodes | undefined
}

/** Returns the figures of an annotation; undefined when it has none. */
export function writeGeometry(
  annotation: Annotation,
  { size, graph }: WritingContext,
): WrittenGeometry | undefined {
  if (annotation.type === 'box') return writeBox(annotation)
  if (annotation.type === 'rotated-box') return writeRotatedBox(annotation)
  if (annotation.type === 'points') return writePoints(annotation, graph)
  if (annotation.type === 'quad') return one('polygon', points(annotation.points))
  if (annotation.type === 'polyline') {
    if (annotation.points.length === 0) return undefined
    return one('line', points(annotation.points), annotation.closed === true ? ['closed'] : [])
  }
  if (annotation.type === 'polygon') {
    const figures = annotation.parts.flatMap(([exterior = [], ...holes]) =>
      exterior.length === 0 ? [] : [{ shape: 'polygon', fields: points(exterior, holes) }],
    )
    return figures.length === 0 ? undefined : { figures, changed: [] }
  }
  if (annotation.type !== 'mask') return undefined
  const mask = readMask(annotation)
  const isOther = size?.width !== annotation.width || size.height !== annotation.height
  if (mask === undefined || isOther || maskArea(mask) === 0) return undefined
  const { data, origin } = encodeBitmap(mask)
  return one('bitmap', { bitmap: { data, origin } })
}

function writeBox({ x, y, width, height }: BoxGeometry): WrittenGeometry {
  const right = closeNumber(x + width, width, (edge) => edge - x)
  const bottom = closeNumber(y + height, height, (edge) => edge - y)
  return one('rectangle', points([x, y, right, bottom]), [
    ...(right - x === width ? [] : ['width']),
    ...(bottom - y === height ? [] : ['height']),
  ])
}

function writeRotatedBox({ cx, cy, width, height, angle }: RotatedBoxGeometry): WrittenGeometry {
  const [left, right] = [cx - width / 2, cx + width / 2]
  const [top, bottom] = [cy - height / 2, cy + height / 2]
  const changed = [
    ...((left + right) / 2 === cx ? [] : ['cx']),
    ...((top + bottom) / 2 === cy ? [] : ['cy']),
    ...(right - left === width ? [] : ['width']),
    ...(bottom - top === height ? [] : ['height']),
  ]
  return one('oriented_bbox', { ...points([left, top, right, bottom]), angle }, changed)
}

function writePoints(
  annotation: Annotation & { readonly type: 'points' },
  graph: GraphNodes | undefined,
): WrittenGeometry | undefined {
  const { points: numbers, visibility } = annotation
  if (graph === undefined) {
    const isOne = numbers.length === 2 && visibility.length === 1 && visibility[0] === 2
    return isOne ? one('point', points(numbers)) : undefined
  }
  if (numbers.length !== graph.keys.length * 2) return undefined
  const isMoved = visibility.some((seen, at) => {
    return seen === 0 && (numbers[at * 2] !== 0 || numbers[at * 2 + 1] !== 0)
  })
  const nodes = graph.keys.flatMap((key, at) => {
    const seen = visibility[at] ?? 2
    const loc = [numbers[at * 2] ?? 0, numbers[at * 2 + 1] ?? 0]
    return seen === 0 ? [] : [[key, { loc, ...(seen === 1 && { disabled: true }) }] as const]
  })
  return one('graph', { nodes: Object.fromEntries(nodes) }, isMoved ? ['points'] : [])
}

function one(shape: string, fields: JsonObject, changed: readonly string[] = []): WrittenGeometry {
  return { figures: [{ shape, fields }], changed }
}

function points(exterior: Ring, interior: readonly Ring[] = []): JsonObject {
  return { points: { exterior: pairs(exterior), interior: interior.map(pairs) } }
}

function pairs(ring: Ring): readonly (readonly [number, number])[] {
  const list: (readonly [number, number])[] = []
  for (let at = 0; at + 1 < ring.length; at += 2) list.push([ring[at] ?? 0, ring[at + 1] ?? 0])
  return list
}
