import type { Annotation, AnnotationDraft, BoxNumbers } from '@dsv/core'
import { maskBounds } from './mask-bounds.ts'

/**
 * Returns the box in pixels around an annotation: the one that the source states beside the geometry,
 * else the smallest one; undefined for what has no place in the image.
 */
export function boundsOf(annotation: Annotation | AnnotationDraft): BoxNumbers | undefined {
  if (annotation.type === 'box') {
    return [annotation.x, annotation.y, annotation.width, annotation.height]
  }
  if (annotation.box !== undefined) return annotation.box
  switch (annotation.type) {
    case 'quad':
    case 'polyline':
    case 'cuboid-2d':
      return aroundPoints(annotation.points)
    case 'points':
      return aroundPoints(visiblePoints(annotation.points, annotation.visibility))
    case 'polygon':
    case 'text':
      return aroundPoints(annotation.parts.flatMap((rings) => rings[0] ?? []))
    case 'rotated-box':
      return aroundTurned(annotation, turnedBox(annotation))
    case 'ellipse':
      return aroundTurned(annotation, turnedEllipse(annotation))
    case 'mask':
    case 'panoptic-segment':
      return maskBounds(annotation)
    case 'label':
    case 'caption':
    case 'cuboid-3d':
    case 'reference':
    case 'vector':
    case 'tabular':
    case 'temporal-segment':
    case 'relation':
    default:
      return undefined
  }
}

function aroundPoints(points: readonly number[]): BoxNumbers | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let index = 0; index + 1 < points.length; index += 2) {
    const x = points[index] ?? 0
    const y = points[index + 1] ?? 0
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return left <= right ? [left, top, right - left, bottom - top] : undefined
}

function visiblePoints(
  points: readonly number[],
  visibility: readonly number[],
): readonly number[] {
  const visible = points.filter((_, index) => visibility[Math.floor(index / 2)] !== 0)
  return visible.length > 0 ? visible : points
}

interface Turned {
  readonly cx: number
  readonly cy: number
  readonly angle: number
}

type HalfSize = readonly [halfWidth: number, halfHeight: number]

function aroundTurned({ cx, cy }: Turned, [halfWidth, halfHeight]: HalfSize): BoxNumbers {
  return [cx - halfWidth, cy - halfHeight, halfWidth * 2, halfHeight * 2]
}

function turnedBox(box: Turned & { readonly width: number; readonly height: number }): HalfSize {
  const [cos, sin] = [Math.abs(Math.cos(box.angle)), Math.abs(Math.sin(box.angle))]
  return [(box.width * cos + box.height * sin) / 2, (box.width * sin + box.height * cos) / 2]
}

function turnedEllipse(ellipse: Turned & { readonly rx: number; readonly ry: number }): HalfSize {
  const [cos, sin] = [Math.cos(ellipse.angle), Math.sin(ellipse.angle)]
  return [
    Math.hypot(ellipse.rx * cos, ellipse.ry * sin),
    Math.hypot(ellipse.rx * sin, ellipse.ry * cos),
  ]
}
