import type { Geometry } from '@dsv/core'

/**
 * Returns the shape of a track between two key frames, as CVAT draws it: numbers change evenly, angles by
 * the shorter way. `offset` is 0 at the first and 1 at the second. Shapes that are not alike, masks, and
 * lines whose numbers of points differ stay as the first until the second.
 */
export function interpolateGeometry(first: Geometry, second: Geometry, offset: number): Geometry {
  if (offset <= 0) return first
  if (offset >= 1) return second
  const between = (a: number, b: number): number => a + (b - a) * offset
  const list = (a: readonly number[], b: readonly number[]): readonly number[] =>
    a.map((value, index) => between(value, b[index] ?? value))
  if (isBox(first) && isBox(second)) {
    const [a, b] = [asTurned(first), asTurned(second)]
    const cx = between(a.cx, b.cx)
    const cy = between(a.cy, b.cy)
    const [width, height] = [between(a.width, b.width), between(a.height, b.height)]
    const angle = a.angle + shorterTurn(a.angle, b.angle) * offset
    const isTurned = first.type === 'rotated-box' || second.type === 'rotated-box'
    if (isTurned) return { type: 'rotated-box', cx, cy, width, height, angle }
    return { type: 'box', x: cx - width / 2, y: cy - height / 2, width, height }
  }
  if (first.type === 'ellipse' && second.type === 'ellipse') {
    return {
      type: 'ellipse',
      cx: between(first.cx, second.cx),
      cy: between(first.cy, second.cy),
      rx: between(first.rx, second.rx),
      ry: between(first.ry, second.ry),
      angle: first.angle + shorterTurn(first.angle, second.angle) * offset,
    }
  }
  if (first.type === 'points' && second.type === 'points') {
    const isAlike = first.points.length === second.points.length
    return isAlike ? { ...first, points: list(first.points, second.points) } : first
  }
  if (first.type === 'polyline' && second.type === 'polyline') {
    const isAlike = first.points.length === second.points.length
    return isAlike ? { ...first, points: list(first.points, second.points) } : first
  }
  if (first.type === 'cuboid-2d' && second.type === 'cuboid-2d') {
    return { type: 'cuboid-2d', points: list(first.points, second.points) }
  }
  return first
}

type Box = Extract<Geometry, { readonly type: 'box' | 'rotated-box' }>

function isBox(geometry: Geometry): geometry is Box {
  return geometry.type === 'box' || geometry.type === 'rotated-box'
}

function asTurned(box: Box): Extract<Geometry, { readonly type: 'rotated-box' }> {
  if (box.type === 'rotated-box') return box
  const { x, y, width, height } = box
  return { type: 'rotated-box', cx: x + width / 2, cy: y + height / 2, width, height, angle: 0 }
}

/** The turn from one angle to another that is at most half of a circle. */
function shorterTurn(from: number, to: number): number {
  const full = 2 * Math.PI
  const turn = (to - from) % full
  if (turn > Math.PI) return turn - full
  return turn < -Math.PI ? turn + full : turn
}
