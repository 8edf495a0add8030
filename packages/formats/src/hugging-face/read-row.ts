import {
  type AnnotationDraft,
  type Attributes,
  isAnnotationDraft,
  isAttributes,
  type Json,
} from '@dsv/core'
import { isArray, isNumbers, isObject, type JsonObject, jsonOf } from '../shared/json-reader.ts'
import type { ClassLabels } from './class-labels.ts'
import { COLUMNS, JSON_SUFFIX, OBJECT_FIELDS } from './object-fields.ts'

/** What a row says beside its image. */
export interface RowFacts {
  readonly itemId: string | undefined
  readonly size: { readonly width: number; readonly height: number } | undefined
  readonly annotations: readonly AnnotationDraft[]
  readonly attributes: Attributes
  readonly tags: readonly string[]
  readonly extra: JsonObject
}

/** Reads the columns of a row. */
export function readRow(row: JsonObject, classes: ClassLabels): RowFacts {
  const columns = withoutSuffixes(row)
  const { width, height, item_id: itemId, tags, objects, attributes: own } = columns
  const drafts = readObjects(objects, classes)
  const isTagged = isArray(tags) && tags.every((tag) => typeof tag === 'string')
  const rest = Object.entries(columns).filter(([name, value]) => {
    return !COLUMNS.has(name) && value !== null
  })
  const isPlain = ([, value]: readonly [string, Json]): boolean => isAttributes({ value })
  const extra = {
    ...(drafts === undefined && objects !== undefined && objects !== null && { objects }),
    ...(!isAttributes(own) && own !== undefined && own !== null && { attributes: own }),
    ...(!isTagged && tags !== undefined && tags !== null && { tags }),
    ...Object.fromEntries(rest.filter((entry) => !isPlain(entry))),
  }
  const isSized = typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0
  return {
    itemId: typeof itemId === 'string' && itemId !== '' ? itemId : undefined,
    size: isSized ? { width, height } : undefined,
    annotations: [...readLabels(columns, classes), ...readCaptions(columns), ...(drafts ?? [])],
    attributes: {
      ...attributesOf(rest.filter(isPlain), classes),
      ...(isAttributes(own) ? own : {}),
    },
    tags: isTagged ? tags.filter((tag) => typeof tag === 'string') : [],
    extra,
  }
}

/** Values of several kinds are JSON text in columns that are called so. */
function withoutSuffixes(row: JsonObject): JsonObject {
  const entries = Object.entries(row).map(([name, value]) => {
    if (!name.endsWith(JSON_SUFFIX) || typeof value !== 'string') return [name, value] as const
    const parsed = jsonOf(value)
    if (parsed === undefined) return [name, value] as const
    return [name.slice(0, -JSON_SUFFIX.length), parsed] as const
  })
  return Object.fromEntries(entries)
}

function attributesOf(
  entries: readonly (readonly [string, Json])[],
  classes: ClassLabels,
): Attributes {
  const named = entries.map(([name, value]) => {
    const label = typeof value === 'number' ? classes.namesOf(name)[value] : undefined
    return [name, label ?? value] as const
  })
  const attributes: unknown = Object.fromEntries(named)
  return isAttributes(attributes) ? attributes : {}
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return []
  return isArray(value) ? value : [value]
}

function readLabels(row: JsonObject, classes: ClassLabels): readonly AnnotationDraft[] {
  return ['label', 'labels'].flatMap((column) =>
    listOf(row[column]).flatMap((value): readonly AnnotationDraft[] => {
      if (typeof value === 'boolean')
        return [{ type: 'label', category: classes.keyOf(`${value}`, column) }]
      // −1 is a label that is not known, as in test sets.
      if (value === -1 || value === '') return []
      if (typeof value !== 'string' && typeof value !== 'number') return []
      return [{ type: 'label', category: classes.keyOf(value, column) }]
    }),
  )
}

function readCaptions(row: JsonObject): readonly AnnotationDraft[] {
  return ['text', 'caption', 'captions'].flatMap((column) =>
    listOf(row[column]).flatMap((text): readonly AnnotationDraft[] => {
      if (typeof text === 'number') return [{ type: 'caption', text: `${text}` }]
      return typeof text === 'string' ? [{ type: 'caption', text }] : []
    }),
  )
}

/** Objects are a list of records, or a record of lists; undefined when they are something else. */
function readObjects(
  objects: Json | undefined,
  classes: ClassLabels,
): readonly AnnotationDraft[] | undefined {
  if (objects === undefined || objects === null) return []
  const records = isArray(objects) ? objects : isObject(objects) ? recordsOf(objects) : undefined
  if (records === undefined) return undefined
  const drafts = records.map((record) => readObject(record, classes))
  const whole = drafts.filter((draft) => draft !== undefined)
  return whole.length === drafts.length ? whole : undefined
}

function recordsOf(columns: JsonObject): readonly JsonObject[] | undefined {
  const lists = Object.entries(columns).filter(([, values]) => values !== null)
  const [first] = lists
  const length = isArray(first?.[1]) ? first[1].length : 0
  if (!lists.every(([, values]) => isArray(values) && values.length === length)) return undefined
  return Array.from({ length }, (_, at) =>
    Object.fromEntries(
      lists.map(([name, values]) => [name, isArray(values) ? (values[at] ?? null) : null]),
    ),
  )
}

const CATEGORIES = ['category', 'categories', 'label', 'labels', 'class'] as const
const OWN: ReadonlySet<string> = new Set([
  ...OBJECT_FIELDS.map(([column]) => column),
  ...CATEGORIES,
  'bbox',
  'caption',
  'attributes',
])

function readObject(value: Json, classes: ClassLabels): AnnotationDraft | undefined {
  if (!isObject(value)) return undefined
  const record = withoutSuffixes(value)
  const { bbox, caption, attributes } = record
  const said = OBJECT_FIELDS.flatMap(([column, field]) => {
    const own = record[column]
    if (own === undefined || own === null) return []
    return [[field, field === 'crowd' ? own === true || own === 1 : own] as const]
  })
  const column = CATEGORIES.find((name) => record[name] !== undefined && record[name] !== null)
  const name = column === undefined ? undefined : record[column]
  const rest = Object.entries(record).filter(([key, own]) => !OWN.has(key) && own !== null)
  const isNamed = typeof name === 'string' || typeof name === 'number'
  const geometry = geometryOf(bbox, caption)
  if (geometry === undefined || (name !== undefined && !isNamed)) return undefined
  const draft: unknown = {
    ...(isNamed && { category: classes.keyOf(name, `objects.${column}`) }),
    ...Object.fromEntries(said),
    ...(isObject(attributes) && Object.keys(attributes).length > 0 && { attributes }),
    ...(rest.length > 0 && { extra: { 'hugging-face': Object.fromEntries(rest) } }),
    ...geometry,
  }
  return isAnnotationDraft(draft) ? draft : undefined
}

function geometryOf(bbox: Json | undefined, caption: Json | undefined): JsonObject | undefined {
  if (isNumbers(bbox)) {
    const [x, y, width, height] = bbox
    const isWhole = bbox.length === 4 && x !== undefined && y !== undefined
    if (!isWhole || width === undefined || height === undefined) return undefined
    return { type: 'box', x, y, width, height }
  }
  if (bbox !== undefined && bbox !== null) return undefined
  return typeof caption === 'string' ? { type: 'caption', text: caption } : { type: 'label' }
}
