import {
  type Annotation,
  areaOf,
  boundsOf,
  type Geometry,
  isEqual,
  joinParts,
  maskGeometry,
  mergeMasks,
  readMask,
} from '@dsv/core'
import { withGeometry } from '../geometry/with-geometry.ts'

/**
 * Returns the annotation that several pieces of one uid, in the same coordinates, were cut from; several where lines cannot be joined.
 * Boxes become the box around them, polygons and masks all that they cover, points those that are seen in any. A shape that became a polygon where
 * it was cut stays what it is in the piece that shows all of it.
 */
export function joinPieces(pieces: readonly Annotation[]): readonly Annotation[] {
  const distinct = pieces.filter(
    (piece, at) => pieces.findIndex((other) => isEqual(other, piece)) === at,
  )
  const [first] = distinct
  if (first === undefined || distinct.length === 1) return distinct
  const whole = distinct.find(({ type }) => WHOLE.has(type))
  if (whole !== undefined) return [whole]
  const geometry = joinedGeometry(distinct)
  if (geometry === undefined) return distinct
  const area = areaOf(geometry)
  // A tile that overlaps others may show all of it.
  const complete = distinct.find((piece) => area > 0 && areaOf(piece) >= area * (1 - 1e-9))
  if (complete !== undefined) return [complete]
  const boxes = distinct.flatMap(({ box }) => (box === undefined ? [] : [box]))
  const [x = 0, y = 0, width = 0, height = 0] = around(boxes) ?? []
  const isStated = distinct.every((piece) => piece.area !== undefined)
  return [
    {
      ...withGeometry(first, geometry, { keepsBox: false }),
      ...(isStated && area > 0 && { area }),
      ...(boxes.length > 0 && { box: [x, y, width, height] as const }),
    },
  ]
}

/** Types that a piece only has when nothing was cut from it. */
const WHOLE: ReadonlySet<Geometry['type']> = new Set<Geometry['type']>([
  'rotated-box',
  'quad',
  'ellipse',
  'cuboid-2d',
])

function joinedGeometry(pieces: readonly Annotation[]): Geometry | undefined {
  const [first] = pieces
  if (first === undefined || pieces.some(({ type }) => type !== first.type)) return undefined
  if (first.type === 'points') return joinedPoints(pieces)
  if (first.type === 'box') {
    const boxes = pieces.flatMap((piece) => [boundsOf(piece) ?? []])
    const [x = 0, y = 0, width = 0, height = 0] = around(boxes) ?? []
    return { type: 'box', x, y, width, height }
  }
  if (first.type === 'polygon' || first.type === 'text') {
    const parts = joinParts(pieces.map((piece) => ('parts' in piece ? piece.parts : [])))
    return first.type === 'text'
      ? { type: 'text', text: first.text, parts }
      : { type: 'polygon', parts }
  }
  if (first.type === 'mask' || first.type === 'panoptic-segment') {
    const masks = pieces.flatMap((piece) => ('counts' in piece ? (readMask(piece) ?? []) : []))
    const joined = maskGeometry(mergeMasks(masks, 'union'))
    return first.type === 'mask'
      ? joined
      : { ...joined, type: 'panoptic-segment', segmentId: first.segmentId }
  }
  return undefined
}

function around(boxes: readonly (readonly number[])[]): readonly number[] | undefined {
  if (boxes.length === 0) return undefined
  const left = Math.min(...boxes.map(([x = 0]) => x))
  const top = Math.min(...boxes.map(([, y = 0]) => y))
  const right = Math.max(...boxes.map(([x = 0, , width = 0]) => x + width))
  const bottom = Math.max(...boxes.map(([, y = 0, , height = 0]) => y + height))
  return [left, top, right - left, bottom - top]
}

function joinedPoints(pieces: readonly Annotation[]): Geometry {
  const points: number[] = []
  const visibility: number[] = []
  for (const piece of pieces) {
    if (piece.type !== 'points') continue
    for (const [index, seen] of piece.visibility.entries()) {
      if (seen <= (visibility[index] ?? -1)) continue
      visibility[index] = seen
      points[2 * index] = piece.points[2 * index] ?? 0
      points[2 * index + 1] = piece.points[2 * index + 1] ?? 0
    }
  }
  return { type: 'points', points, visibility }
}
