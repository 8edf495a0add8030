import {
  type Annotation,
  type Geometry,
  type Mask,
  maskGeometry,
  type MaskGeometry,
  type PointsGeometry,
  readMask,
} from '@dsv/core'
import { geometryOf } from './geometry-of.ts'

/** A shape with its weight in the mean. */
export interface WeightedShape {
  readonly annotation: Annotation
  readonly weight: number
}

/**
 * Returns the mean of shapes of one type: box, rotated box and ellipse number by number (angles as the nearest of the
 * turns that show the same shape), points each where it is present, masks as the pixels that more than half of the
 * weight covers. Undefined where there is no mean: polygons, lines, masks of several sizes, and all other types.
 *
 * @param nearest - The shape whose turn, order and other fields the mean has
 */
export function averageShape(
  shapes: readonly WeightedShape[],
  nearest: Annotation,
): Geometry | undefined {
  const base = geometryOf(nearest)
  const all = shapes.map(({ annotation, weight }) => ({ shape: geometryOf(annotation), weight }))
  if (base.type === 'box') {
    const boxes = ofType(all, 'box')
    return {
      ...base,
      x: mean(boxes, ({ x }) => x),
      y: mean(boxes, ({ y }) => y),
      width: mean(boxes, ({ width }) => width),
      height: mean(boxes, ({ height }) => height),
    }
  }
  if (base.type === 'rotated-box') return { ...base, ...meanTurned(ofType(all, base.type), base) }
  if (base.type === 'ellipse') {
    const boxes = ofType(all, base.type).map(({ shape, weight }) => ({
      shape: { ...shape, width: shape.rx, height: shape.ry },
      weight,
    }))
    const { cx, cy, width, height, angle } = meanTurned(boxes, base)
    return { ...base, cx, cy, rx: width, ry: height, angle }
  }
  if (base.type === 'points') return meanPoints(ofType(all, 'points'), base)
  if (base.type === 'mask' || base.type === 'panoptic-segment') {
    const counts = majorityMask(ofType(all, base.type))
    return counts === undefined ? undefined : { ...base, counts }
  }
  return undefined
}

/** A value with its weight in the mean. */
interface Weighted<Shape> {
  readonly shape: Shape
  readonly weight: number
}

function ofType<Type extends Geometry['type']>(
  all: readonly Weighted<Geometry>[],
  type: Type,
): readonly Weighted<Extract<Geometry, { readonly type: Type }>>[] {
  return all.flatMap(({ shape, weight }) => (isOfType(shape, type) ? [{ shape, weight }] : []))
}

function isOfType<Type extends Geometry['type']>(
  shape: Geometry,
  type: Type,
): shape is Extract<Geometry, { readonly type: Type }> {
  return shape.type === type
}

/** What is the same everywhere comes out as it went in, without rounding. */
function mean<Shape>(all: readonly Weighted<Shape>[], pick: (shape: Shape) => number): number {
  const values = all.map(({ shape }) => pick(shape))
  const [first = 0] = values
  if (values.every((value) => value === first)) return first
  let sum = 0
  let weights = 0
  for (const [at, { weight }] of all.entries()) {
    sum += (values[at] ?? 0) * weight
    weights += weight
  }
  return weights > 0 ? sum / weights : first
}

/** A box that is turned about its centre. */
interface TurnedBox {
  readonly cx: number
  readonly cy: number
  readonly width: number
  readonly height: number
  readonly angle: number
}

function meanTurned(
  all: readonly Weighted<TurnedBox>[],
  base: { readonly angle: number },
): TurnedBox {
  const turned = all.map(({ shape, weight }) => ({ shape: turnedLike(shape, base), weight }))
  return {
    cx: mean(turned, ({ cx }) => cx),
    cy: mean(turned, ({ cy }) => cy),
    width: mean(turned, ({ width }) => width),
    height: mean(turned, ({ height }) => height),
    angle: mean(turned, ({ angle }) => angle),
  }
}

/** Returns the same shape with its sides named so that its angle is nearest to that of `base`. */
function turnedLike(shape: TurnedBox, base: { readonly angle: number }): TurnedBox {
  const quarter = Math.PI / 2
  const turns = Math.round((base.angle - shape.angle) / quarter)
  const angle = shape.angle + turns * quarter
  return turns % 2 === 0
    ? { ...shape, angle }
    : { ...shape, angle, width: shape.height, height: shape.width }
}

/** A point has the visibility that has the most weight; it is absent where most say so. */
function meanPoints(
  all: readonly Weighted<PointsGeometry>[],
  base: PointsGeometry,
): PointsGeometry {
  const points: number[] = []
  const visibility: number[] = []
  for (let at = 0; 2 * at + 1 < base.points.length; at++) {
    const weights = [0, 0, 0]
    for (const { shape, weight } of all) {
      const seen = shape.visibility[at] ?? 0
      weights[seen] = (weights[seen] ?? 0) + weight
    }
    const most = Math.max(...weights)
    const own = base.visibility[at] ?? 0
    const seen = (weights[own] ?? 0) >= most ? own : weights.indexOf(most)
    const present = all.filter(({ shape }) => (shape.visibility[at] ?? 0) > 0)
    const coordinate = (axis: 0 | 1): number =>
      seen === 0 || present.length === 0
        ? (base.points[2 * at + axis] ?? 0)
        : mean(present, (shape) => shape.points[2 * at + axis] ?? 0)
    points.push(coordinate(0), coordinate(1))
    visibility.push(seen)
  }
  return { ...base, points, visibility }
}

/** Goes along the runs of all masks at once; never makes a bitmap. */
function majorityMask(shapes: readonly Weighted<Omit<MaskGeometry, 'type'>>[]): string | undefined {
  const masks = shapes.flatMap(({ shape, weight }) => {
    const mask = readMask(shape)
    return mask === undefined ? [] : [{ mask, weight }]
  })
  const [first] = masks
  if (first === undefined || masks.length < shapes.length) return undefined
  const { width, height } = first.mask
  if (masks.some(({ mask }) => mask.width !== width || mask.height !== height)) return undefined
  const pixels = width * height
  const half = masks.reduce((sum, { weight }) => sum + weight, 0) / 2
  const changes = masks.flatMap(({ mask, weight }) => edgesOf(mask, weight, pixels))
  changes.sort((a, b) => a.at - b.at)
  const counts: number[] = []
  let covered = 0
  let isInside = false
  let from = 0
  for (const [index, { at, weight }] of changes.entries()) {
    covered += weight
    if (changes[index + 1]?.at === at) continue
    const isInsideNow = covered > half + 1e-9
    if (isInsideNow === isInside) continue
    counts.push(at - from)
    from = at
    isInside = isInsideNow
  }
  if (pixels > from) counts.push(pixels - from)
  return maskGeometry({ width, height, counts }).counts
}

/** Where the foreground begins (weight above 0) and ends, as places down the columns, before the last pixel. */
function edgesOf(
  { counts }: Mask,
  weight: number,
  pixels: number,
): readonly { readonly at: number; readonly weight: number }[] {
  let at = 0
  return counts
    .map((length, index) => {
      at += length
      return { at, weight: index % 2 === 0 ? weight : -weight }
    })
    .filter((edge) => edge.at < pixels)
}
