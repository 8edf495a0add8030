import type { Geometry, PointsGeometry, PolylineGeometry } from '../annotation.ts'
import { boundsOf } from './bounds.ts'
import { clipParts } from './clip-parts.ts'
import { ellipseRing } from './ellipse.ts'
import { maskArea, readMask } from './mask-rle.ts'
import type { ImageExtent } from './move-geometry.ts'
import type { Parts } from './polygon.ts'
import { rotatedBoxCorners } from './rotated-box.ts'

/**
 * Returns what of a geometry lies on an image of a size; empty when nothing does. What lies inside, or has no place on the image,
 * is returned as it is. Otherwise:
 * boxes, polygons and regions of text are cut exactly; a rotated box, a quad and an ellipse become polygons; a line may fall into
 * several; points outside become absent (`0, 0`, visibility 0); the corners of a cuboid may stick out. Masks must have the size of the
 * image already (see `moveGeometry`), and only go when they are empty.
 */
export function clipGeometry(geometry: Geometry, image: ImageExtent): readonly Geometry[] {
  if (geometry.type === 'mask' || geometry.type === 'panoptic-segment') {
    const mask = readMask(geometry)
    return mask !== undefined && maskArea(mask) === 0 ? [] : [geometry]
  }
  const bounds = boundsOf(geometry)
  if (bounds === undefined) return PLACED.has(geometry.type) ? [] : [geometry]
  const [x, y, width, height] = bounds
  const isInside = x >= 0 && y >= 0 && x + width <= image.width && y + height <= image.height
  if (isInside) return [geometry]
  // A point or line that only touches the far edge lies on it; a box that does has no pixel there.
  if (x > image.width || y > image.height || x + width < 0 || y + height < 0) return []
  return clipped(geometry, image)
}

/** What lies somewhere on the image: without bounds it has no finite point. */
const PLACED: ReadonlySet<Geometry['type']> = new Set<Geometry['type']>([
  'box',
  'rotated-box',
  'quad',
  'polygon',
  'polyline',
  'points',
  'ellipse',
  'cuboid-2d',
  'text',
])

function clipped(geometry: Geometry, image: ImageExtent): readonly Geometry[] {
  switch (geometry.type) {
    case 'box': {
      const [left, top] = [Math.max(0, geometry.x), Math.max(0, geometry.y)]
      const width = Math.min(image.width, geometry.x + geometry.width) - left
      const height = Math.min(image.height, geometry.y + geometry.height) - top
      return width > 0 && height > 0 ? [{ ...geometry, x: left, y: top, width, height }] : []
    }
    case 'rotated-box':
      return polygons([[rotatedBoxCorners(geometry)]], image)
    case 'quad':
      return polygons([[geometry.points]], image)
    case 'ellipse':
      return polygons([[ellipseRing(geometry)]], image)
    case 'polygon':
    case 'text': {
      const parts = clipParts(geometry.parts, image)
      return parts.length === 0 ? [] : [{ ...geometry, parts }]
    }
    case 'polyline':
      return clippedLine(geometry, image)
    case 'points':
      return clippedPoints(geometry, image)
    case 'cuboid-2d':
    case 'mask':
    case 'panoptic-segment':
    case 'label':
    case 'cuboid-3d':
    case 'caption':
    case 'reference':
    case 'vector':
    case 'tabular':
    case 'temporal-segment':
    case 'relation':
      return [geometry]
    default:
      return [geometry]
  }
}

function polygons(shape: Parts, image: ImageExtent): readonly Geometry[] {
  const parts = clipParts(shape, image)
  return parts.length === 0 ? [] : [{ type: 'polygon', parts }]
}

function clippedPoints(geometry: PointsGeometry, image: ImageExtent): readonly Geometry[] {
  const count = Math.floor(geometry.points.length / 2)
  const points: number[] = []
  const visibility: number[] = []
  let present = 0
  for (let index = 0; index < count; index++) {
    const [x = Number.NaN, y = Number.NaN] = geometry.points.slice(2 * index, 2 * index + 2)
    const seen = geometry.visibility[index] ?? 2
    const isInside = x >= 0 && y >= 0 && x <= image.width && y <= image.height
    if (seen > 0 && isInside) present++
    points.push(...(seen === 0 || isInside ? [x, y] : [0, 0]))
    visibility.push(isInside ? seen : 0)
  }
  return present === 0 ? [] : [{ ...geometry, points, visibility }]
}

/** The stretches of a line inside, each a line of its own. */
function clippedLine(line: PolylineGeometry, image: ImageExtent): readonly Geometry[] {
  const { closed, ...open } = line
  const { points } = line
  const count = Math.floor(points.length / 2)
  const runs: number[][] = []
  let run: number[] = []
  const edges = closed === true ? count : count - 1
  for (let index = 0; index < edges; index++) {
    const next = (index + 1) % count
    const part = clippedEdge(
      [points[2 * index], points[2 * index + 1], points[2 * next], points[2 * next + 1]],
      image,
    )
    if (part === undefined) continue
    const [x0, y0, x1, y1] = part
    if (run.at(-2) !== x0 || run.at(-1) !== y0) runs.push((run = [x0, y0]))
    run.push(x1, y1)
  }
  const [first] = runs
  const isRound = closed === true && runs.length > 1 && first !== undefined
  if (isRound && run.at(-2) === first[0] && run.at(-1) === first[1]) {
    runs.shift()
    run.push(...first.slice(2))
  }
  return runs.map((each) => ({ ...open, points: each }))
}

/** Liang–Barsky: the share of an edge that lies on the image; undefined when it is not longer than a point. */
function clippedEdge(
  [x0 = Number.NaN, y0 = Number.NaN, x1 = Number.NaN, y1 = Number.NaN]: readonly (
    | number
    | undefined
  )[],
  { width, height }: ImageExtent,
): readonly [number, number, number, number] | undefined {
  const [dx, dy] = [x1 - x0, y1 - y0]
  let [from, to] = [0, 1]
  for (const [step, room] of [
    [-dx, x0],
    [dx, width - x0],
    [-dy, y0],
    [dy, height - y0],
  ] as const) {
    if (Number.isNaN(step) || (step === 0 && room < 0)) return undefined
    if (step < 0) from = Math.max(from, room / step)
    else if (step > 0) to = Math.min(to, room / step)
  }
  if (!(from < to)) return undefined
  const at = (share: number): readonly [number, number] =>
    share === 0 ? [x0, y0] : share === 1 ? [x1, y1] : [x0 + share * dx, y0 + share * dy]
  return [...at(from), ...at(to)]
}
