import type { Annotation, Json, Ring, WriteContext } from '@dsv/core'
import type { ClassNames } from '../shared/class-names.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'

/** What regions are written with. */
export interface RegionTarget {
  readonly names: ClassNames
  readonly classAttribute: string
  readonly where: string
  readonly onLoss: WriteContext['onLoss']
}

/**
 * Returns the regions for one annotation; none when VIA has no shape for it. A polygon of several parts
 * becomes several regions, and so do points; that is reported.
 */
export function regionsOf(annotation: Annotation, target: RegionTarget): readonly JsonObject[] {
  const { classAttribute, names, where, onLoss } = target
  const shapes = shapesOf(annotation, target)
  if (shapes.length === 0) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return []
  }
  const holds: Holdings = {
    format: 'via',
    fields: new Set(['category']),
    attribute: (name) => name !== classAttribute,
  }
  reportAnnotationLosses(annotation, holds, where, onLoss)
  const own = ownOf(annotation.extra?.['via'])
  const category = names.use(annotation.category)
  const region_attributes: JsonObject = {
    ...(category !== undefined && { [classAttribute]: category }),
    ...Object.fromEntries(
      Object.entries(annotation.attributes ?? {}).filter(([name]) => name !== classAttribute),
    ),
    ...ownOf(own['region_attributes']),
  }
  return shapes.map((shape) => ({
    shape_attributes: { ...shape, ...ownOf(own['shape_attributes']) },
    region_attributes,
    ...ownOf(own['others']),
  }))
}

function ownOf(json: Json | undefined): JsonObject {
  return isObject(json) ? json : {}
}

function shapesOf(annotation: Annotation, { where, onLoss }: RegionTarget): readonly JsonObject[] {
  if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    return [{ name: 'rect', x, y, width, height }]
  }
  if (annotation.type === 'ellipse') return [ellipseOf(annotation)]
  if (annotation.type === 'polyline') {
    if (annotation.closed === true) onLoss({ what: 'field: closed', where })
    return [{ name: 'polyline', ...allPoints(annotation.points) }]
  }
  if (annotation.type === 'polygon') {
    const { parts } = annotation
    const isCut = parts.length > 1 || parts.some((rings) => rings.length > 1)
    if (isCut) onLoss({ what: 'annotation: polygon', where: `${where}: parts or holes` })
    return parts.map(([outer = []]) => ({ name: 'polygon', ...allPoints(safeRing(outer)) }))
  }
  if (annotation.type !== 'points') return []
  const { points, visibility } = annotation
  if (visibility.length > 1) onLoss({ what: 'annotation: points', where: `${where}: several` })
  if (visibility.some((seen) => seen !== 2)) onLoss({ what: 'field: visibility', where })
  return visibility.map((_, at) => {
    return { name: 'point', cx: points[at * 2] ?? 0, cy: points[at * 2 + 1] ?? 0 }
  })
}

function ellipseOf(annotation: Annotation & { readonly type: 'ellipse' }): JsonObject {
  const { cx, cy, rx, ry, angle } = annotation
  const isCircle = ownOf(annotation.extra?.['via'])['shape'] === 'circle'
  if (isCircle && rx === ry && angle === 0) return { name: 'circle', cx, cy, r: rx }
  return { name: 'ellipse', cx, cy, rx, ry, theta: angle }
}

/** Where the first point is there twice already, readers take the second for the end of the ring. */
function safeRing(ring: Ring): Ring {
  const [x = 0, y = 0] = ring
  const isClosed = ring.length > 6 && ring.at(-2) === x && ring.at(-1) === y
  return isClosed ? [...ring, x, y] : ring
}

function allPoints(points: readonly number[]): JsonObject {
  return {
    all_points_x: points.filter((_, at) => at % 2 === 0),
    all_points_y: points.filter((_, at) => at % 2 === 1),
  }
}
