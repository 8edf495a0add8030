import type { BoxNumbers, Geometry } from '../annotation.ts'
import { ellipseBounds } from './ellipse.ts'
import { maskBounds, readMask } from './mask-rle.ts'
import { presentPoints } from './points.ts'
import { partsBounds } from './polygon.ts'
import { pointsBounds } from './ring.ts'
import { rotatedBoxCorners } from './rotated-box.ts'

/**
 * Returns the box around a geometry in pixels of the image, or undefined when it has no place on the
 * image (a label, a caption, a 3-D cuboid) or no finite point.
 */
export function boundsOf(geometry: Geometry): BoxNumbers | undefined {
  switch (geometry.type) {
    case 'box':
      return finiteBox([geometry.x, geometry.y, geometry.width, geometry.height])
    case 'rotated-box':
      return pointsBounds(rotatedBoxCorners(geometry))
    case 'quad':
    case 'polyline':
    case 'cuboid-2d':
      return pointsBounds(geometry.points)
    case 'points':
      return pointsBounds(presentPoints(geometry))
    case 'polygon':
    case 'text':
      return partsBounds(geometry.parts)
    case 'ellipse':
      return ellipseBounds(geometry)
    case 'mask':
    case 'panoptic-segment': {
      const mask = readMask(geometry)
      return mask === undefined ? undefined : maskBounds(mask)
    }
    case 'label':
    case 'cuboid-3d':
    case 'caption':
    case 'reference':
    case 'vector':
    case 'tabular':
    case 'temporal-segment':
    case 'relation':
      return undefined
    default:
      return undefined
  }
}

function finiteBox(box: BoxNumbers): BoxNumbers | undefined {
  return box.every(Number.isFinite) ? box : undefined
}
