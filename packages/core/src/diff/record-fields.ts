import type { Annotation, AnnotationDraft } from '../model/annotation.ts'
import { isAnnotation } from '../record/annotation-fields.ts'
import { isEqual } from './is-equal.ts'

/** A record taken apart into the pieces that are compared and merged on their own. */
export type RecordFields = ReadonlyMap<string, unknown>

/** One piece of a record that differs; `from` or `to` is absent when the record does not have it. */
export interface FieldChange {
  /** `geometry`, `category`, `score`, `attributes.color`, `extra.coco`, … */
  readonly field: string
  readonly from?: unknown
  readonly to?: unknown
}

/** Maps whose entries are fields of their own: `attributes.color`. */
const SPLIT = new Set(['attributes', 'extra'])

/**
 * Takes a record apart: each attribute and the extra fields of each format are pieces of their own
 * (`attributes.color`, `extra.coco`); an empty map is one piece.
 */
export function recordFields(record: object): Map<string, unknown> {
  const fields = new Map<string, unknown>()
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined) continue
    const inner: [string, unknown][] = SPLIT.has(name) && isMap(value) ? Object.entries(value) : []
    if (inner.length === 0) fields.set(name, value)
    for (const [key, entry] of inner) fields.set(`${name}.${key}`, entry)
  }
  return fields
}

/** Puts pieces together again: the reverse of {@link recordFields}. */
export function recordOf(fields: RecordFields): Readonly<Record<string, unknown>> {
  const record = new Map<string, unknown>()
  const inner = new Map<string, [string, unknown][]>()
  for (const [field, value] of fields) {
    const dot = field.indexOf('.')
    const name = dot < 0 ? field : field.slice(0, dot)
    if (!SPLIT.has(name) || (dot < 0 && !isMap(value))) record.set(field, value)
    else if (dot < 0) inner.set(name, [...(inner.get(name) ?? [])])
    else inner.set(name, [...(inner.get(name) ?? []), [field.slice(dot + 1), value]])
  }
  for (const [name, entries] of inner) record.set(name, Object.fromEntries(entries))
  return Object.fromEntries(record)
}

/** Takes an annotation apart; its shape and type together are one piece, `geometry`. */
export function annotationFields(annotation: AnnotationDraft): Map<string, unknown> {
  const fields = recordFields(annotation)
  const geometry: Record<string, unknown> = {}
  for (const [name, value] of fields) {
    if (COMMON.has(name) || name.includes('.')) continue
    geometry[name] = value
    fields.delete(name)
  }
  fields.delete('uid')
  fields.set('geometry', geometry)
  return fields
}

/** Puts an annotation together again: the reverse of {@link annotationFields}. */
export function annotationOf(uid: string, fields: RecordFields): Annotation {
  const others = new Map(fields)
  others.delete('geometry')
  const geometry = fields.get('geometry')
  const annotation = { ...recordOf(others), ...(isMap(geometry) ? geometry : {}), uid }
  if (!isAnnotation(annotation)) throw new Error(`Annotation ${uid} was put together wrongly`)
  return annotation
}

/** Returns the pieces that differ, sorted by name. */
export function compareFields(before: RecordFields, after: RecordFields): readonly FieldChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  return names.flatMap((field) => {
    const from = before.get(field)
    const to = after.get(field)
    if (isEqual(from, to)) return []
    return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
  })
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields of annotations that are not part of the geometry, whatever the type. */
const COMMON: ReadonlySet<string> = new Set([
  'uid',
  'category',
  'attributes',
  'score',
  'group',
  'track',
  'zOrder',
  'occluded',
  'outside',
  'truncated',
  'sourceId',
  'provenance',
  'box',
  'area',
  'crowd',
  'extra',
] satisfies (keyof Annotation)[])
