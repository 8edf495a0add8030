import type { Category, Json } from '@dsv/core'
import { isObject, type JsonObject } from './json-reader.ts'

/** Returns categories as Datumaro keeps them by type: labels, colours, named points. */
export function writeCategories(categories: readonly Category[], rest: JsonObject): Json {
  const names = new Map(categories.map(({ key, name }) => [key, name]))
  const colormap = categories.flatMap(({ color }, index): Json[] => {
    const [r, g, b] = color ?? []
    return r === undefined || g === undefined || b === undefined
      ? []
      : [{ label_id: index, r, g, b }]
  })
  const items = categories.flatMap(({ skeleton }, index): Json[] => {
    if (skeleton === undefined) return []
    return [{ label_id: index, labels: skeleton.points, joints: skeleton.edges }]
  })
  return {
    label: {
      labels: categories.map((category) => labelOf(category, names)),
      label_groups: rest['label_groups'] ?? [],
      attributes: rest['attributes'] ?? [],
    },
    ...(colormap.length === 0 ? {} : { mask: { colormap } }),
    ...(items.length === 0 ? {} : { points: { items } }),
  }
}

function labelOf(category: Category, names: ReadonlyMap<string, string>): Json {
  const { name, parent, attributes = [] } = category
  const own = ownOf(category)
  return {
    name,
    parent: parent === undefined ? '' : (names.get(parent) ?? parent),
    attributes: attributes.map((definition) => definition.name),
    ...(Object.keys(own).length === 0 ? {} : { dsv: own }),
  }
}

/** What Datumaro has no field for. */
function ownOf(category: Category): JsonObject {
  const { supercategory, isThing, sourceIds, attributes, skeleton, extra } = category
  const isTyped = attributes?.some((definition) => !isUntyped(definition)) === true
  return {
    ...(supercategory === undefined ? {} : { supercategory }),
    ...(isThing === undefined ? {} : { isThing }),
    ...(sourceIds === undefined ? {} : { sourceIds }),
    ...(isTyped && attributes !== undefined
      ? { attributes: attributes.map((definition) => ({ ...definition })) }
      : {}),
    ...(skeleton !== undefined && !isPlain(skeleton) ? { skeleton: { ...skeleton } } : {}),
    ...(extra === undefined || !isObject(extra) ? {} : { extra }),
  }
}

function isUntyped(definition: NonNullable<Category['attributes']>[number]): boolean {
  return definition.type === 'json' && Object.keys(definition).length === 2
}

/** Whether a skeleton is read as it is written: joints that all count from 1 are taken for COCO's. */
function isPlain({ points, edges, sigmas }: NonNullable<Category['skeleton']>): boolean {
  if (sigmas !== undefined || points.length === 0) return false
  return edges.every((edge) => edge.every((index) => index >= 0 && index < points.length))
}
