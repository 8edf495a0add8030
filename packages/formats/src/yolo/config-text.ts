import type { Json, Schema } from '@dsv/core'
import { dump } from 'js-yaml'
import { isObject } from '../shared/json-reader.ts'
import { RESERVED_KEYS } from './data-yaml.ts'
import { DARKNET_KEYS } from './obj-data.ts'
import type { YoloLayout } from './layout.ts'

const POSE_KEYS: ReadonlySet<string> = new Set(['kpt_shape', 'kpt_names', 'flip_idx'])

/** Returns whether a subset cannot have this name, because the key means something else. */
export function isReservedSubset(name: string, variant: YoloLayout['variant']): boolean {
  if (variant === 'darknet') return DARKNET_KEYS.has(name) || /[=#;\s]/.test(name)
  return RESERVED_KEYS.has(name) || name === ''
}

/** Returns the text of `data.yaml`; keys keep their order, new ones come last. */
export function dataYamlText(
  layout: YoloLayout,
  schema: Schema,
  indexes: ReadonlyMap<string, number>,
): string {
  const values = new Map<string, Json>(Object.entries(infoOf(schema)))
  for (const { name, sources } of layout.subsets) values.set(name, sources)
  if (layout.keys.includes('nc')) values.set('nc', schema.categories.length)
  if (layout.shape.task !== 'pose') for (const key of POSE_KEYS) values.delete(key)
  const { keypoints } = layout.shape
  if (keypoints !== undefined) values.set('kpt_shape', [keypoints.count, keypoints.dimensions])
  if (layout.keys.includes('task')) values.set('task', layout.shape.task)
  if (!layout.keys.includes('path')) values.delete('path')
  const keys = [...new Set([...layout.keys, ...values.keys(), 'names'])]
  return keys.map((key) => yamlEntry(key, values, layout, schema, indexes)).join('')
}

/** Returns the text of Darknet's `obj.data`. */
export function objDataText(layout: YoloLayout, schema: Schema): string {
  const info = infoOf(schema)
  const values = new Map<string, Json>([['classes', schema.categories.length]])
  for (const { name, sources } of layout.subsets) values.set(name, sources)
  values.set('names', `data/${layout.namesFile ?? 'obj.names'}`)
  values.set('backup', 'backup/')
  for (const [key, value] of Object.entries(info))
    if (layout.keys.includes(key)) values.set(key, value)
  const keys = [...new Set([...layout.keys, ...values.keys()])].filter((key) => values.has(key))
  return keys.map((key) => `${key} = ${plainText(values.get(key))}\n`).join('')
}

function plainText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}

/** Returns the text of a file of names, one a line; an index that nobody has gives an empty line. */
export function namesText(schema: Schema, indexes: ReadonlyMap<string, number>): string {
  const names: string[] = []
  for (const { key, name } of schema.categories) {
    const index = indexes.get(key)
    if (index !== undefined) names[index] = name.replaceAll(/[\r\n]+/g, ' ')
  }
  return Array.from(names, (name) => `${name ?? ''}\n`).join('')
}

function yamlEntry(
  key: string,
  values: ReadonlyMap<string, Json>,
  layout: YoloLayout,
  schema: Schema,
  indexes: ReadonlyMap<string, number>,
): string {
  if (key === 'names') return namesYaml(layout, schema, indexes)
  const value = values.get(key)
  if (value === undefined) return ''
  return dump({ [key]: value }, { lineWidth: -1, flowLevel: Array.isArray(value) ? 1 : -1 })
}

function namesYaml(
  layout: YoloLayout,
  schema: Schema,
  indexes: ReadonlyMap<string, number>,
): string {
  const named = schema.categories
    .map(({ key, name }) => [indexes.get(key) ?? 0, name] as const)
    .toSorted(([a], [b]) => a - b)
  if (named.length === 0) return 'names: []\n'
  const isList = layout.names === 'list' && named.every(([index], at) => index === at)
  const lines = named.map(([index, name]) => `  ${isList ? '-' : `${index}:`} ${scalar(name)}\n`)
  return `names:\n${lines.join('')}`
}

/** Plain only where every YAML reader, 1.1 too, reads the same text. */
function scalar(name: string): string {
  const isPlain = /^\p{L}(?:[\p{L}\p{N}_ ().-]*[\p{L}\p{N}_)])?$/u.test(name)
  if (isPlain && dump(name, { lineWidth: -1 }).trimEnd() === name) return name
  if (/[^\P{C}]|[\u2028\u2029]/u.test(name)) return JSON.stringify(name)
  return `'${name.replaceAll("'", "''")}'`
}

function infoOf(schema: Schema): Readonly<Record<string, Json>> {
  const info = schema.info['yolo']
  return isObject(info) ? info : {}
}
