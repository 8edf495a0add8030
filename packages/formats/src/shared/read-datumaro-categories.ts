import type { AttributeDefinition, Category, Json, Skeleton } from '@dsv/core'
import {
  arrayAt,
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  stringAt,
} from './json-reader.ts'

/** Categories of all files, and which label number of a file is which of them. */
export interface DatumaroCategories {
  readonly categories: readonly Category[]
  /** For each file the keys of its labels, by number. */
  readonly keys: readonly (readonly string[])[]
}

/** Collects the categories of files; labels of one name and parent are one category. */
export function readCategories(
  files: readonly { readonly path: string; readonly members: JsonObject }[],
): DatumaroCategories {
  const known = new Map<string, Category>()
  const taken = new Set<string>()
  const keys = files.map(({ path, members }) => {
    const place: JsonPlace = { file: path, path: 'categories' }
    if (members['categories'] === undefined) return []
    const parts = objectAt(members['categories'], place)
    const label = parts['label'] === undefined ? {} : objectAt(parts['label'], place)
    const labelsPlace = placeOf(placeOf(place, 'label'), 'labels')
    const labels = label['labels'] === undefined ? [] : arrayAt(label['labels'], labelsPlace)
    const colors = colorsOf(parts['mask'])
    const skeletons = skeletonsOf(parts['points'])
    return labels.map((each, index) => {
      const labelPlace = placeOf(labelsPlace, index)
      const fields = objectAt(each, labelPlace)
      const name = stringAt(fields['name'], placeOf(labelPlace, 'name'))
      const parent = typeof fields['parent'] === 'string' ? fields['parent'] : ''
      const statement = JSON.stringify([parent, name])
      const before = known.get(statement)
      if (before !== undefined) return before.key
      const key = freeKey(taken, name, parent)
      known.set(statement, {
        key,
        name,
        ...(parent === '' ? {} : { parent }),
        ...colorOf(colors.get(index)),
        ...attributesOf(fields['attributes']),
        ...skeletonOf(skeletons.get(index)),
        ...extensionOf(fields['dsv']),
      })
      return key
    })
  })
  return { categories: withParentKeys([...known.values()]), keys }
}

function freeKey(taken: Set<string>, name: string, parent: string): string {
  let key = taken.has(name) ? `${parent}/${name}` : name
  for (let number = 2; taken.has(key); number += 1) key = `${parent}/${name}#${number}`
  taken.add(key)
  return key
}

/** Datumaro names parents by name; a parent that is no category is kept as it is. */
function withParentKeys(categories: readonly Category[]): readonly Category[] {
  const byName = new Map(categories.toReversed().map(({ name, key }) => [name, key]))
  return categories.map((category) => {
    const { parent } = category
    if (parent === undefined) return category
    return { ...category, parent: byName.get(parent) ?? parent }
  })
}

function colorsOf(mask: Json | undefined): ReadonlyMap<number, Json> {
  return byLabel(isObject(mask) ? mask['colormap'] : undefined)
}

function skeletonsOf(points: Json | undefined): ReadonlyMap<number, Json> {
  return byLabel(isObject(points) ? points['items'] : undefined)
}

function byLabel(list: Json | undefined): ReadonlyMap<number, Json> {
  return new Map(
    (isArray(list) ? list : []).flatMap((each): [number, Json][] => {
      const id = isObject(each) ? each['label_id'] : undefined
      return typeof id === 'number' ? [[id, each]] : []
    }),
  )
}

function colorOf(json: Json | undefined): Pick<Category, 'color'> {
  if (!isObject(json)) return {}
  const { r, g, b } = json
  if (typeof r !== 'number' || typeof g !== 'number' || typeof b !== 'number') return {}
  return { color: [r, g, b] }
}

/** Datumaro knows names of attributes only. */
function attributesOf(json: Json | undefined): Pick<Category, 'attributes'> {
  const names = (isArray(json) ? json : []).filter((name) => typeof name === 'string')
  if (names.length === 0) return {}
  return { attributes: names.map((name): AttributeDefinition => ({ name, type: 'json' })) }
}

function skeletonOf(json: Json | undefined): Pick<Category, 'skeleton'> {
  if (!isObject(json)) return {}
  const points = (isArray(json['labels']) ? json['labels'] : []).map(String)
  const pairs = (isArray(json['joints']) ? json['joints'] : []).flatMap((joint) => {
    if (!isNumbers(joint)) return []
    const [from, to] = joint
    return from === undefined || to === undefined ? [] : [[from, to] as const]
  })
  // Joints that come from COCO count from 1.
  const isFromOne = pairs.length > 0 && pairs.flat().every((index) => index >= 1)
  const first = isFromOne && pairs.flat().includes(points.length) ? 1 : 0
  const edges = pairs
    .map(([from, to]) => [from - first, to - first] as const)
    .filter((edge) => edge.every((index) => index >= 0 && index < points.length))
  const skeleton: Skeleton = { points, edges }
  return points.length === 0 ? {} : { skeleton }
}

/** What Datumaro has no field for, under one key of our own. */
function extensionOf(json: Json | undefined): Partial<Category> {
  if (!isObject(json)) return {}
  const { supercategory, isThing, sourceIds, attributes, skeleton, extra } = json
  return {
    ...(typeof supercategory === 'string' ? { supercategory } : {}),
    ...(typeof isThing === 'boolean' ? { isThing } : {}),
    ...(isSourceIds(sourceIds) ? { sourceIds } : {}),
    ...(isDefinitions(attributes) ? { attributes } : {}),
    ...(isSkeleton(skeleton) ? { skeleton } : {}),
    ...(isObject(extra) ? { extra } : {}),
  }
}

function isSourceIds(json: Json | undefined): json is Readonly<Record<string, number | string>> {
  if (!isObject(json)) return false
  return Object.values(json).every((id) => typeof id === 'number' || typeof id === 'string')
}

const TYPES: ReadonlySet<Json | undefined> = new Set([
  'boolean',
  'integer',
  'number',
  'string',
  'enum',
  'json',
])

function isDefinitions(json: unknown): json is readonly AttributeDefinition[] {
  if (!Array.isArray(json)) return false
  return json.every(
    (each: Json) =>
      isObject(each) &&
      typeof each['name'] === 'string' &&
      TYPES.has(each['type']) &&
      (each['values'] === undefined || isArray(each['values'])) &&
      (each['mutable'] === undefined || typeof each['mutable'] === 'boolean'),
  )
}

function isSkeleton(json: unknown): json is Skeleton {
  if (typeof json !== 'object' || json === null) return false
  const { points, edges, sigmas }: { points?: unknown; edges?: unknown; sigmas?: unknown } = json
  const isPair = (edge: Json): boolean => isNumbers(edge) && edge.length === 2
  return (
    Array.isArray(points) &&
    points.every((name) => typeof name === 'string') &&
    Array.isArray(edges) &&
    edges.every(isPair) &&
    (sigmas === undefined || (Array.isArray(sigmas) && sigmas.every(Number.isFinite)))
  )
}
