import type { Geometry } from '../annotation.ts'
import { cropMask } from './mask-crop.ts'
import { maskGeometry, readMask } from './mask-rle.ts'

/** The size of an image in pixels. */
export interface ImageExtent {
  readonly width: number
  readonly height: number
}

/**
 * Returns the geometry as it lies on another image whose pixel `(x + dx, y + dy)` is pixel `(x, y)` of this one. `dx` and `dy` are
 * whole numbers. Masks get the size `to`, and lose what lies outside of it; everything else may stick out.
 */
export function moveGeometry(
  geometry: Geometry,
  dx: number,
  dy: number,
  to: ImageExtent,
): Geometry {
  switch (geometry.type) {
    case 'box':
      return { ...geometry, x: geometry.x + dx, y: geometry.y + dy }
    case 'rotated-box':
    case 'ellipse':
      return { ...geometry, cx: geometry.cx + dx, cy: geometry.cy + dy }
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
      const moved = maskGeometry(cropMask(mask, -dx, -dy, to.width, to.height))
      return { ...geometry, width: moved.width, height: moved.height, counts: moved.counts }
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
  return points.map((value, index) => value + (index % 2 === 0 ? dx : dy))
}

/** Points that are absent are written as `0, 0`, wherever the object is. */
function movedKeypoints(
  { points, visibility }: Extract<Geometry, { type: 'points' }>,
  dx: number,
  dy: number,
): readonly number[] {
  return points.map((value, index) =>
    visibility[Math.floor(index / 2)] === 0 ? value : value + (index % 2 === 0 ? dx : dy),
  )
}
