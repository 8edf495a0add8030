import type { AnnotatedItem, Annotation, DatasetView, Json, WriteContext } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { imageOf } from '../shared/report-losses.ts'
import { huggingFaceFormat } from './format.ts'
import { COLUMNS, JSON_SUFFIX, OBJECT_FIELDS } from './object-fields.ts'

/** What the values of a column are; `json` when they are of several kinds. */
export type ValueKind = 'integer' | 'number' | 'string' | 'boolean' | 'json'

/** The columns that a dataset needs. */
export interface ColumnPlan {
  /** Most labels and captions of an item that say nothing else. */
  readonly labels: number
  readonly captions: number
  readonly hasObjects: boolean
  readonly hasObjectAttributes: boolean
  readonly hasObjectCaptions: boolean
  /** Columns of common fields of objects, and of unknown ones. */
  readonly objectFields: ReadonlyMap<string, ValueKind>
  /** Attributes of items, and unknown columns that were read. */
  readonly fields: ReadonlyMap<string, ValueKind>
  readonly hasOtherAttributes: boolean
  readonly hasTags: boolean
  readonly isSized: boolean
  /** Whether ids differ from the names of images. */
  readonly isNamed: boolean
  readonly usedCategories: ReadonlySet<string>
}

/** The annotations of an item by where they stand. */
export interface SplitAnnotations {
  readonly labels: readonly string[]
  readonly captions: readonly string[]
  readonly objects: readonly Annotation[]
}

/** Further columns are lost. */
const MAX_FIELDS = 1000

/** Looks through a dataset for the columns it needs. */
export async function planColumns(
  dataset: DatasetView,
  { layer, signal }: WriteContext,
  isNamedBy: (item: AnnotatedItem) => boolean,
): Promise<ColumnPlan> {
  const objectFields = new Map<string, ValueKind>()
  const fields = new Map<string, ValueKind>()
  const usedCategories = new Set<string>()
  let [labels, captions] = [0, 0]
  let [hasObjects, hasObjectAttributes, hasObjectCaptions] = [false, false, false]
  let [hasOtherAttributes, hasTags, isSized, isNamed] = [false, false, false, false]
  for await (const item of dataset.items()) {
    signal.throwIfAborted()
    const medium = imageOf(item, () => {})
    if (medium === undefined) continue
    if (medium.width !== undefined && medium.height !== undefined) isSized = true
    if (!isNamedBy(item)) isNamed = true
    if ((item.tags ?? []).length > 0) hasTags = true
    for (const [name, value] of fieldsOf(item)) {
      if (isFlat(name, value) && (fields.has(name) || fields.size < MAX_FIELDS)) {
        fields.set(name, kindOf(value, fields.get(name)))
      }
    }
    if (otherAttributes(item).length > 0) hasOtherAttributes = true
    const split = splitAnnotations(item, layer)
    labels = Math.max(labels, split.labels.length)
    captions = Math.max(captions, split.captions.length)
    for (const key of split.labels) usedCategories.add(key)
    for (const annotation of split.objects) {
      hasObjects = true
      if (annotation.category !== undefined) usedCategories.add(annotation.category)
      if (annotation.attributes !== undefined) hasObjectAttributes = true
      if (annotation.type === 'caption') hasObjectCaptions = true
      for (const [column, value] of objectFieldsOf(annotation)) {
        objectFields.set(column, kindOf(value, objectFields.get(column)))
      }
    }
  }
  return {
    labels,
    captions,
    hasObjects,
    hasObjectAttributes,
    hasObjectCaptions,
    objectFields,
    fields,
    hasOtherAttributes,
    hasTags,
    isSized,
    isNamed,
    usedCategories,
  }
}

/** Labels and captions that say nothing else have columns of their own; the rest are objects. */
export function splitAnnotations(item: AnnotatedItem, layer: string): SplitAnnotations {
  const labels: string[] = []
  const captions: string[] = []
  const objects: Annotation[] = []
  for (const annotation of item.layers[layer] ?? []) {
    const { type, category } = annotation
    if (!huggingFaceFormat.holds.has(type)) continue
    const said = Object.keys(annotation).filter((field) => !UNSAID.has(field))
    if (type === 'label' && category !== undefined && said.length === 1) labels.push(category)
    else if (annotation.type === 'caption' && said.length === 1) captions.push(annotation.text)
    else objects.push(annotation)
  }
  return { labels, captions, objects }
}

/** Returns the columns of an object beside box, category, caption and attributes. */
export function objectFieldsOf(annotation: Annotation): readonly (readonly [string, Json])[] {
  const known = OBJECT_FIELDS.flatMap(([column, field]): readonly (readonly [string, Json])[] => {
    const value = annotation[field]
    return value === undefined || typeof value === 'object' ? [] : [[column, value]]
  })
  const own = annotation.extra?.['hugging-face']
  return [...known, ...Object.entries(isObject(own) ? own : {})]
}

/** Returns attributes of an item and the columns that we had no name for. */
export function fieldsOf({
  attributes = {},
  extra,
}: AnnotatedItem): readonly (readonly [string, Json])[] {
  const own = extra?.['hugging-face']
  const unknown = Object.entries(isObject(own) ? own : {}).filter(([name]) => !COLUMNS.has(name))
  return [...Object.entries(attributes), ...unknown]
}

/** Returns whether an attribute has a column of its own. */
export function isFlat(name: string, value: Json): boolean {
  return value !== null && !COLUMNS.has(name) && !name.endsWith(JSON_SUFFIX) && name !== ''
}

/** Returns attributes whose names or values a column cannot have. */
export function otherAttributes({
  attributes = {},
}: AnnotatedItem): readonly (readonly [string, Json])[] {
  return Object.entries(attributes).filter(([name, value]) => !isFlat(name, value))
}

function kindOf(value: Json, before: ValueKind | undefined): ValueKind {
  const kind = singleKind(value)
  if (before === undefined || before === kind) return kind
  const isNumeric = [before, kind].every((each) => each === 'integer' || each === 'number')
  return isNumeric ? 'number' : 'json'
}

function singleKind(value: Json): ValueKind {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  if (typeof value === 'string') return 'string'
  return typeof value === 'boolean' ? 'boolean' : 'json'
}

const UNSAID: ReadonlySet<string> = new Set(['type', 'uid', 'provenance'])
