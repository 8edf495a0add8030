import type {
  Annotation,
  AttributeDefinition,
  AttributeValue,
  Category,
  CategoryKey,
  DatasetView,
  Json,
  WriteContext,
} from '@dsv/core'
import { vocColor } from '../shared/label-colors.ts'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { graphConfig, type GraphNodes, graphNodes } from './skeleton.ts'
import { GROUP_TAG, isTagValue } from './tags.ts'

/** `meta.json` as it is written, and what objects need of it. */
export interface PlannedMeta {
  readonly json: JsonObject
  readonly graphs: ReadonlyMap<CategoryKey, GraphNodes>
}

interface Uses {
  /** Shapes by category. */
  readonly shapes: Map<CategoryKey, Set<string>>
  /** Types of values by tag. */
  readonly tags: Map<string, Set<string>>
  /** Whether true and false are texts. */
  readonly isText: boolean
}

/** Looks through a dataset once for what the classes and tags of its project are. */
export async function planMeta(
  dataset: DatasetView,
  projectType: 'images' | 'point_clouds',
  { layer, signal }: Pick<WriteContext, 'layer' | 'signal'>,
): Promise<PlannedMeta> {
  const { schema } = dataset
  const isText = projectType === 'point_clouds'
  const uses: Uses = { shapes: new Map(), tags: new Map(), isText }
  const configs = new Map(schema.categories.map((each) => [each.key, configOf(each)]))
  const graphs = new Map<CategoryKey, GraphNodes>()
  for (const [key, config] of configs) {
    const graph = graphNodes(config)
    if (graph !== undefined) graphs.set(key, graph)
  }
  for await (const item of dataset.items()) {
    signal.throwIfAborted()
    for (const name of item.tags ?? []) noteTag(uses, name, true)
    for (const [name, value] of Object.entries(item.attributes ?? {})) {
      // The number of a cloud is no tag.
      if (!isText || name !== 'frame') noteTag(uses, name, value)
    }
    for (const annotation of item.layers[layer] ?? []) noteAnnotation(uses, annotation, graphs)
  }
  const info = schema.info['supervisely']
  const known = isObject(info) ? info : {}
  const json: JsonObject = {
    ...known,
    classes: schema.categories.map((category, at) => {
      const shapes = uses.shapes.get(category.key) ?? new Set<string>()
      return classJson(category, at, shapes, configs.get(category.key))
    }),
    tags: tagsJson(known['tags'], schema.attributes, uses.tags),
    projectType,
  }
  return { json, graphs }
}

function configOf({ skeleton, extra }: Category): JsonObject | undefined {
  if (skeleton === undefined || skeleton.points.length === 0) return undefined
  const own = extra?.['supervisely']
  return graphConfig(skeleton, isObject(own) ? own['geometry_config'] : undefined)
}

function noteTag({ tags, isText }: Uses, name: string, said: AttributeValue): void {
  const value = isText && typeof said === 'boolean' ? String(said) : said
  if (!isTagValue(value)) return
  const types = tags.get(name) ?? new Set<string>()
  tags.set(name, types)
  for (const each of Array.isArray(value) ? value : [value]) {
    types.add(each === true ? 'none' : typeof each === 'number' ? 'any_number' : 'any_string')
  }
}

const SHAPES: ReadonlyMap<string, string> = new Map([
  ['box', 'rectangle'],
  ['rotated-box', 'oriented_bbox'],
  ['polygon', 'polygon'],
  ['polyline', 'line'],
  ['mask', 'bitmap'],
  ['cuboid-3d', 'cuboid_3d'],
])

function noteAnnotation(
  uses: Uses,
  { type, category = '', group, attributes }: Annotation,
  graphs: ReadonlyMap<CategoryKey, GraphNodes>,
): void {
  const points = graphs.has(category) ? 'graph' : 'point'
  const shape = type === 'points' ? points : SHAPES.get(type)
  if (shape === undefined) return
  const shapes = uses.shapes.get(category)
  if (shapes === undefined) uses.shapes.set(category, new Set([shape]))
  else shapes.add(shape)
  if (group !== undefined) noteTag(uses, GROUP_TAG, String(group))
  for (const [name, value] of Object.entries(attributes ?? {})) noteTag(uses, name, value)
}

/** A class keeps the shape it had as long as its objects have that. */
function classJson(
  { name, color, sourceIds, extra }: Category,
  at: number,
  shapes: ReadonlySet<string>,
  config: JsonObject | undefined,
): JsonObject {
  const own = extra?.['supervisely']
  const rest: JsonObject = isObject(own) ? own : {}
  const [only] = shapes.size === 1 ? shapes : []
  const before = typeof rest['shape'] === 'string' ? rest['shape'] : undefined
  const isAll = before === 'any' || [...shapes].every((each) => each === before)
  const isKept = before !== undefined && isAll
  const id = sourceIds?.['supervisely']
  const hex = (color ?? vocColor(at + 1)).map((each) => each.toString(16).padStart(2, '0')).join('')
  const fields: Record<string, Json> = {
    title: name,
    ...rest,
    shape: isKept ? before : (only ?? 'any'),
    color: `#${hex.toUpperCase()}`,
    ...(id !== undefined && { id }),
  }
  if (config === undefined) delete fields['geometry_config']
  else fields['geometry_config'] = config
  return fields
}

/** Tags that were there stay as they were; others are made from definitions and uses. */
function tagsJson(
  before: Json | undefined,
  definitions: readonly AttributeDefinition[],
  uses: Uses['tags'],
): readonly Json[] {
  const kept = isArray(before) ? before : []
  const names = new Set(kept.map((tag) => (isObject(tag) ? tag['name'] : tag)))
  const defined = definitions.filter(({ name }) => !names.has(name))
  for (const { name } of defined) names.add(name)
  const used = [...uses].filter(([name]) => !names.has(name))
  return [
    ...kept,
    ...defined.map(({ name, type, values }) => tagJson(name, valueType(type), values ?? [])),
    ...used.map(([name, types]) => {
      const [only = 'none'] = types
      return tagJson(name, types.size === 1 ? only : 'any_string')
    }),
  ]
}

function tagJson(name: string, type: string, values?: readonly AttributeValue[]): JsonObject {
  const list = (values ?? []).filter((each) => typeof each === 'string')
  return {
    name,
    value_type: type,
    color: '#808080',
    ...(type === 'oneof_string' && { values: list }),
    ...(name === GROUP_TAG && { applicable_type: 'objectsOnly' }),
  }
}

function valueType(type: AttributeDefinition['type']): string {
  if (type === 'number' || type === 'integer') return 'any_number'
  if (type === 'enum') return 'oneof_string'
  return type === 'boolean' ? 'none' : 'any_string'
}
