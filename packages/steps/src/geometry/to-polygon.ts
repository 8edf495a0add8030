import {
  ellipseRing,
  type Geometry,
  maskToPolygon,
  type Parts,
  type PolygonGeometry,
  readMask,
  type Ring,
  rotatedBoxCorners,
} from '@dsv/core'

/**
 * Returns the outline of a geometry: that of a mask runs along the edges of its pixels, an ellipse gets 64 corners. Undefined
 * when it has none, or a mask is too big to trace.
 */
export function toPolygon(geometry: Geometry): PolygonGeometry | undefined {
  if (geometry.type === 'mask' || geometry.type === 'panoptic-segment') {
    const mask = readMask(geometry)
    return mask && maskToPolygon(mask)
  }
  const parts = partsOf(geometry)
  return parts && { type: 'polygon', parts }
}

/** Returns the rings of a geometry that is drawn with lines; undefined for others. */
export function partsOf(geometry: Geometry): Parts | undefined {
  const { type } = geometry
  if (type === 'polygon') return geometry.parts
  if (type === 'rotated-box') return [[rotatedBoxCorners(geometry)]]
  if (type === 'quad') return [[geometry.points]]
  if (type === 'ellipse') return [[ellipseRing(geometry)]]
  if (type === 'polyline') return geometry.closed === true ? [[geometry.points]] : undefined
  if (type !== 'box') return undefined
  const { x, y, width, height } = geometry
  return [[[x, y, x + width, y, x + width, y + height, x, y + height]]]
}

/** Returns the parts without rings of fewer than three points, and how many those were. */
export function withoutShortRings(parts: Parts): {
  readonly parts: Parts
  readonly dropped: number
} {
  const isLong = (ring: Ring): boolean => ring.length >= 6
  const all = parts.flat().length
  // Without its outer ring a part is nothing, whatever holes it has.
  const kept = parts
    .filter(([outer]) => outer !== undefined && isLong(outer))
    .map((part) => part.filter(isLong))
  return { parts: kept, dropped: all - kept.flat().length }
}
