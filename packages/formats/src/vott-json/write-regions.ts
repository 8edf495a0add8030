import { type Annotation, boundsOf, type BoxNumbers, type WriteContext } from '@dsv/core'
import type { ClassNames } from '../shared/class-names.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'

/** What regions are written with. */
export interface RegionTarget {
  readonly names: ClassNames
  readonly where: string
  readonly onLoss: WriteContext['onLoss']
}

/** Type, points and box of a region. */
interface Shape {
  readonly type: string
  readonly points: readonly number[]
  readonly box: BoxNumbers
}

/**
 * Returns the regions for the annotations of an image. Annotations that are the same region with
 * another tag become one.
 */
export function regionsOf(
  annotations: readonly Annotation[],
  target: RegionTarget,
): readonly JsonObject[] {
  const regions: { readonly key: string; readonly tags: string[]; readonly json: JsonObject }[] = []
  const ids = new Set(annotations.map(({ sourceId }) => sourceId))
  let free = 0
  for (const annotation of annotations) {
    const shapes = shapesOf(annotation, target)
    const { where, onLoss, names } = target
    if (shapes.length === 0) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    reportAnnotationLosses(annotation, holdingsOf(annotation), where, onLoss)
    const tag = names.use(annotation.category)
    for (const [part, shape] of shapes.entries()) {
      const key = keyOf(annotation, shape)
      const last = regions.at(-1)
      if (part === 0 && last !== undefined && key !== '' && last.key === key && tag !== undefined) {
        last.tags.push(tag)
        continue
      }
      while (ids.has(`r${free}`)) free += 1
      const id = part === 0 ? annotation.sourceId : undefined
      const tags = tag === undefined ? [] : [tag]
      regions.push({
        key,
        tags,
        json: { id: id ?? `r${free}`, ...regionOf(annotation, shape, tags) },
      })
      if (id === undefined) free += 1
    }
  }
  return regions.map(({ json }) => json)
}

/** Only what came from one region has its id and a tag. */
function keyOf({ sourceId, category, extra }: Annotation, shape: Shape): string {
  if (sourceId === undefined || category === undefined) return ''
  return JSON.stringify([sourceId, shape, extra?.['vott-json'] ?? null])
}

function holdingsOf({ type }: Annotation): Holdings {
  const fields = [
    'category',
    'sourceId',
    ...(type === 'polygon' ? (['box'] as const) : []),
  ] as const
  return { format: 'vott-json', fields: new Set(fields) }
}

function regionOf({ extra }: Annotation, shape: Shape, tags: readonly string[]): JsonObject {
  const own = extra?.['vott-json']
  const [left, top, width, height] = shape.box
  const { type, ...rest } = isObject(own) ? own : {}
  return {
    type: shape.type === 'RECTANGLE' && type === 'SQUARE' ? type : shape.type,
    tags,
    boundingBox: { height, width, left, top },
    points: Array.from({ length: shape.points.length / 2 }, (_, at) => ({
      x: shape.points[at * 2] ?? 0,
      y: shape.points[at * 2 + 1] ?? 0,
    })),
    ...rest,
  }
}

function shapesOf(annotation: Annotation, { where, onLoss }: RegionTarget): readonly Shape[] {
  if (annotation.type === 'box') {
    const { x, y, width, height } = annotation
    const [right, bottom] = [x + width, y + height]
    const points = [x, y, right, y, right, bottom, x, bottom]
    return [{ type: 'RECTANGLE', points, box: [x, y, width, height] }]
  }
  if (annotation.type === 'polygon') {
    const { parts } = annotation
    const isCut = parts.length > 1 || parts.some((rings) => rings.length > 1)
    if (isCut) onLoss({ what: 'annotation: polygon', where: `${where}: parts or holes` })
    return parts.map(([ring = []]) => ({
      type: 'POLYGON',
      points: ring,
      box: (parts.length === 1 ? annotation.box : undefined) ?? around(ring),
    }))
  }
  if (annotation.type === 'polyline') {
    if (annotation.closed === true) onLoss({ what: 'field: closed', where })
    return [{ type: 'POLYLINE', points: annotation.points, box: around(annotation.points) }]
  }
  if (annotation.type !== 'points') return []
  const { points, visibility } = annotation
  if (visibility.some((seen) => seen !== 2)) onLoss({ what: 'field: visibility', where })
  return [{ type: 'POINT', points, box: around(points) }]
}

function around(points: readonly number[]): BoxNumbers {
  return boundsOf({ type: 'polygon', parts: [[points]] }) ?? [0, 0, 0, 0]
}
