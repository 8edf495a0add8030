import type { EllipseGeometry, Geometry, QuadGeometry, RotatedBoxGeometry } from '../annotation.ts'
import { resizeMask } from './mask-crop.ts'
import { maskGeometry, readMask } from './mask-rle.ts'
import { rotatedBoxCorners } from './rotated-box.ts'
import type { ImageExtent } from './move-geometry.ts'

/** How much more one way than the other a rotated box may be stretched and still be drawn as one. */
const MAX_SHEAR = 0.01

/**
 * Returns the geometry on an image that is stretched to another size. A coordinate counts from the left or top edge of
 * the first pixel, so it is multiplied by `to / from`, without rounding. Masks are resampled (see `resizeMask`).
 *
 * A rotated box that is stretched more one way than the other is no box any more: it becomes a quad, unless it is
 * turned by a multiple of 90°. Up to 1 %, as rounding sizes to whole pixels does, it stays the box of the same middle, area and sides
 * that is closest. An ellipse stays one. What has no place on the image stays as it is; so does a mask that cannot be read.
 */
export function scaleGeometry(geometry: Geometry, from: ImageExtent, to: ImageExtent): Geometry {
  const [x, y] = [to.width / from.width, to.height / from.height]
  return scaled(geometry, x, y, to)
}

function scaled(geometry: Geometry, x: number, y: number, to: ImageExtent): Geometry {
  switch (geometry.type) {
    case 'box':
      return {
        ...geometry,
        x: geometry.x * x,
        y: geometry.y * y,
        width: geometry.width * x,
        height: geometry.height * y,
      }
    case 'rotated-box':
      return scaledRotatedBox(geometry, x, y)
    case 'ellipse':
      return scaledEllipse(geometry, x, y)
    case 'quad':
    case 'polyline':
    case 'points':
    case 'cuboid-2d':
      return { ...geometry, points: scaledPoints(geometry.points, x, y) }
    case 'polygon':
    case 'text':
      return {
        ...geometry,
        parts: geometry.parts.map((part) => part.map((ring) => scaledPoints(ring, x, y))),
      }
    case 'mask':
    case 'panoptic-segment': {
      const mask = readMask(geometry)
      if (mask === undefined) return geometry
      const { width, height, counts } = maskGeometry(resizeMask(mask, to.width, to.height))
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

function scaledPoints(points: readonly number[], x: number, y: number): readonly number[] {
  return points.map((value, index) => value * (index % 2 === 0 ? x : y))
}

function scaledRotatedBox(
  box: RotatedBoxGeometry,
  x: number,
  y: number,
): RotatedBoxGeometry | QuadGeometry {
  const turns = quarterTurns(box.angle)
  const centre = { cx: box.cx * x, cy: box.cy * y }
  if (turns !== undefined) {
    const [along, across] = turns % 2 === 0 ? [x, y] : [y, x]
    return { ...box, ...centre, width: box.width * along, height: box.height * across }
  }
  if (Math.abs(x / y - 1) > MAX_SHEAR) {
    const { type: _type, cx: _cx, cy: _cy, width: _w, height: _h, angle: _angle, ...rest } = box
    return { ...rest, type: 'quad', points: scaledPoints(rotatedBoxCorners(box), x, y) }
  }
  const [cos, sin] = [Math.cos(box.angle), Math.sin(box.angle)]
  const [along, across] = [Math.hypot(x * cos, y * sin), Math.hypot(x * sin, y * cos)]
  const fit = Math.sqrt((x * y) / (along * across))
  const turned = Math.atan2(y * sin, x * cos) - Math.atan2(sin, cos)
  return {
    ...box,
    ...centre,
    width: box.width * along * fit,
    height: box.height * across * fit,
    angle: box.angle + turned,
  }
}

function scaledEllipse(ellipse: EllipseGeometry, x: number, y: number): EllipseGeometry {
  const { rx, ry, angle } = ellipse
  const centre = { cx: ellipse.cx * x, cy: ellipse.cy * y }
  const turns = quarterTurns(angle)
  if (turns === undefined && x !== y)
    return { ...ellipse, ...centre, ...stretchedAxes(ellipse, x, y) }
  const [along, across] = turns === undefined || turns % 2 === 0 ? [x, y] : [y, x]
  return { ...ellipse, ...centre, rx: rx * along, ry: ry * across }
}

/** The image of a circle under a linear map: its axes are those of the singular value decomposition of 2 × 2. */
function stretchedAxes(
  { rx, ry, angle }: EllipseGeometry,
  x: number,
  y: number,
): Pick<EllipseGeometry, 'rx' | 'ry' | 'angle'> {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const [a, b, c, d] = [x * rx * cos, -x * ry * sin, y * rx * sin, y * ry * cos]
  const [sum, difference] = [Math.hypot(a + d, c - b) / 2, Math.hypot(a - d, c + b) / 2]
  const turned = (Math.atan2(c - b, a + d) + Math.atan2(c + b, a - d)) / 2
  const [long, short] = [sum + difference, Math.abs(sum - difference)]
  return rx >= ry
    ? { rx: long, ry: short, angle: nearestTurn(turned, angle) }
    : { rx: short, ry: long, angle: nearestTurn(turned - Math.PI / 2, angle) }
}

/** An axis has two ends: of the angles that differ by half a turn, the one closest to what it was. */
function nearestTurn(angle: number, before: number): number {
  return angle + Math.PI * Math.round((before - angle) / Math.PI)
}

/** By how many right angles something is turned; undefined when it is none of them. */
function quarterTurns(angle: number): number | undefined {
  const turns = Math.round(angle / (Math.PI / 2))
  return Math.abs(angle - turns * (Math.PI / 2)) < 1e-9 ? Math.abs(turns) : undefined
}
