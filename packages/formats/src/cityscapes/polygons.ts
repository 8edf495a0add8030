import type { Annotation, Category, Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'

/** Returns the object of a polygon for its file; undefined when the format cannot hold it. */
export function polygonToJson(
  annotation: Annotation,
  category: Category | undefined,
): Json | undefined {
  if (annotation.type !== 'polygon' || category === undefined) return undefined
  const [ring, ...others] = annotation.parts.flat()
  if (ring === undefined || others.length > 0 || ring.length % 2 !== 0) return undefined
  if (!ring.every((number) => Number.isFinite(number))) return undefined
  const polygon = Array.from({ length: ring.length / 2 }, (_, at) => {
    return [ring[at * 2] ?? 0, ring[at * 2 + 1] ?? 0]
  })
  const own = annotation.extra?.['cityscapes']
  const isCrowd = annotation.crowd === true && category.isThing === true
  const label = isCrowd ? `${category.name}group` : category.name
  return { ...(isObject(own) ? own : {}), label, polygon }
}
