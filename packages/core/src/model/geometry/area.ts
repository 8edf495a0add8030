import type { Geometry } from '../annotation.ts'
import { boxArea } from './box.ts'
import { ellipseArea } from './ellipse.ts'
import { maskArea, readMask } from './mask-rle.ts'
import { partsArea } from './polygon.ts'
import { ringArea } from './ring.ts'

/** Returns the area in square pixels; 0 for types without one and for malformed geometry. */
export function areaOf(geometry: Geometry): number {
  switch (geometry.type) {
    case 'box':
    case 'rotated-box':
      return finite(boxArea([0, 0, geometry.width, geometry.height]))
    case 'quad':
      return finite(Math.abs(ringArea(geometry.points)))
    case 'polyline':
      return geometry.closed === true ? finite(Math.abs(ringArea(geometry.points))) : 0
    case 'polygon':
    case 'text':
      return finite(partsArea(geometry.parts))
    case 'ellipse':
      return finite(ellipseArea(geometry))
    case 'mask':
    case 'panoptic-segment': {
      const mask = readMask(geometry)
      return mask === undefined ? 0 : maskArea(mask)
    }
    case 'label':
    case 'points':
    case 'cuboid-2d':
    case 'cuboid-3d':
    case 'caption':
    case 'reference':
    case 'vector':
    case 'tabular':
    case 'temporal-segment':
    case 'relation':
      return 0
    default:
      return 0
  }
}

function finite(area: number): number {
  return Number.isFinite(area) ? area : 0
}
