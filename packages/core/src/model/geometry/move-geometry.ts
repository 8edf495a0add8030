import type { Geometry } from '../annotation.ts'
import { cropMask } from './mask-crop.ts'
import { maskGeometry, readMask } from './mask-rle.ts'

/** The size of an image in pixels. */
export interface ImageExtent {
  readonly width: number
  readonly height: number
}

const FINENESS = 1e9
/** Larger coordinates have no such digits. */
const MAX_ROUNDED = 2 ** 22

/**
 * Returns the geometry as it lies on another image whose pixel `(x + dx, y + dy)` is pixel `(x, y)` of this one. `dx` and `dy` are
 * whole numbers. Coordinates are rounded to a billionth of a pixel, so that moving back gives what was there. Masks get the size `to`, and lose what lies outside of it; everything else may stick out.
 */
export function moveGeometry(
  geometry: Geometry,
  dx: number,
  dy: number,
  to: ImageExtent,
): Geometry {
  switch (geometry.type) {
    case 'box':
      return { ...geometry, x: moved(geometry.x, dx), y: moved(geometry.y, dy) }
    case 'rotated-box':
    case 'ellipse':
      return { ...geometry, cx: moved(geometry.cx, dx), cy: moved(geometry.cy, dy) }
    case 'quad':
    case 'polyline':
    case 'cuboid-2d':
      return { ...geometry, points: movedPoints(geometry.points, dx, dy) }
    case 'points':
      return { ...geometry, points: movedKeypoints(geometry, dx, dy) }
    case 'polygon':
    case 'text':
      return {
        ...geometry,
        parts: geometry.parts.map((part) => part.map((ring) => movedPoints(ring, dx, dy))),
      }
    case 'mask':
    case 'panoptic-segment': {
      const mask = readMask(geometry)
      if (mask === undefined) return geometry
      const { width, height, counts } = maskGeometry(cropMask(mask, -dx, -dy, to.width, to.height))
      return { ...geometry, width, height, counts }
    }
    case 'label':
    case 'cuboid-3d':
    case 'caption':
    case 'reference':
    case 'vector':
    case 'tabular':
    case 'temporal-segment':
    case 'relation':
      return geometry
    default:
      return geometry
  }
}

function movedPoints(points: readonly number[], dx: number, dy: number): readonly number[] {
  return points.map((value, index) => moved(value, index % 2 === 0 ? dx : dy))
}

/** Adding and taking away leaves other last digits behind, which no pixel can show. */
function moved(value: number, by: number): number {
  const sum = value + by
  return by === 0 || Math.abs(sum) > MAX_ROUNDED ? sum : Math.round(sum * FINENESS) / FINENESS
}

/** Points that are absent are written as `0, 0`, wherever the object is. */
function movedKeypoints(
  { points, visibility }: Extract<Geometry, { type: 'points' }>,
  dx: number,
  dy: number,
): readonly number[] {
  return points.map((value, index) =>
    visibility[Math.floor(index / 2)] === 0 ? value : moved(value, index % 2 === 0 ? dx : dy),
  )
}
