import {
  annotationFields,
  annotationOf,
  recordFields,
  recordOf,
  type RecordFields,
} from '../diff/record-fields.ts'
import { newUid } from '../diff/identify-annotations.ts'
import { conflictChoiceInvalid } from '../errors.ts'
import type { Annotation, AnnotationDraft } from '../model/annotation.ts'
import type { AnnotatedItem } from '../model/item.ts'
import type { Schema } from '../model/schema.ts'
import { isJson } from '../record/record-reader.ts'
import { isAttributeDefinition, isCategory } from '../record/schema-record.ts'
import type {
  AnnotationConflict,
  Conflict,
  ConflictChoice,
  ItemConflict,
  MediaConflict,
  SchemaConflict,
} from './conflict.ts'

/**
 * Returns the annotations of the item and layer with one conflict settled: the pieces in conflict
 * become those of the chosen side, the others stay as they were merged. `both` keeps ours and adds
 * theirs under a new uid, or keeps what one side deleted.
 *
 * @param annotations - What the merge gave, conflicts settled before included
 */
export function resolveAnnotationConflict(
  annotations: readonly Annotation[],
  conflict: AnnotationConflict,
  choice: ConflictChoice,
): readonly Annotation[] {
  const { uid, ours, theirs } = conflict
  if (choice === 'both') {
    const kept = replaceAnnotation(annotations, uid, ours ?? theirs, conflict.fields)
    return ours === null || theirs === null
      ? kept
      : [...kept, { ...theirs, uid: freshUid(conflict, theirs, kept) }]
  }
  return replaceAnnotation(annotations, uid, conflict[choice], conflict.fields)
}

/**
 * Returns the item with one conflict settled, undefined when it is deleted.
 *
 * @param item - What the merge gave
 * @throws `DSV_CONFLICT_CHOICE_INVALID` for `both` where two values cannot stand side by side
 */
export function resolveItemConflict(
  item: AnnotatedItem | undefined,
  conflict: ItemConflict | MediaConflict,
  choice: ConflictChoice,
): AnnotatedItem | undefined {
  const side = chosenSide(conflict, choice)
  if (conflict.kind === 'media') {
    return item === undefined ? undefined : { ...item, media: conflict[side] ?? [] }
  }
  const chosen = conflict[side] ?? undefined
  if (item === undefined || conflict.fields.length === 0) return chosen
  const fields = recordFields({ attributes: item.attributes, extra: item.extra })
  const from = recordFields(chosen ?? {})
  takeFields(fields, from, conflict.fields)
  const { attributes: _, extra: __, ...rest } = item
  return { ...rest, ...recordOf(fields) }
}

/**
 * Returns the schema with one conflict settled.
 *
 * @param schema - What the merge gave
 * @throws `DSV_CONFLICT_CHOICE_INVALID` for `both` where two values cannot stand side by side
 */
export function resolveSchemaConflict(
  schema: Schema,
  conflict: SchemaConflict,
  choice: ConflictChoice,
): Schema {
  const chosen = conflict[chosenSide(conflict, choice)]
  if (conflict.part === 'info') {
    const info = new Map(Object.entries(schema.info))
    info.delete(conflict.key)
    if (chosen !== null && isJson(chosen)) info.set(conflict.key, chosen)
    return { ...schema, info: Object.fromEntries(info) }
  }
  if (conflict.part === 'category') {
    const categories = replaceEntry(schema.categories, conflict, chosen, isCategory, 'key')
    return { ...schema, categories }
  }
  const attributes = replaceEntry(
    schema.attributes,
    conflict,
    chosen,
    isAttributeDefinition,
    'name',
  )
  return { ...schema, attributes }
}

function chosenSide(conflict: Conflict, choice: ConflictChoice): 'base' | 'ours' | 'theirs' {
  if (choice !== 'both') return choice
  if (conflict.fields.length > 0) throw conflictChoiceInvalid(conflict.kind, choice)
  return conflict.ours === null ? 'theirs' : 'ours'
}

function replaceAnnotation(
  annotations: readonly Annotation[],
  uid: string,
  chosen: Annotation | null,
  fields: readonly string[],
): readonly Annotation[] {
  if (chosen === null) return annotations.filter((annotation) => annotation.uid !== uid)
  const now = annotations.find((annotation) => annotation.uid === uid)
  if (now === undefined) return [...annotations, chosen]
  const replaced = fields.length === 0 ? chosen : withFields(now, chosen, fields)
  return annotations.map((annotation) => (annotation === now ? replaced : annotation))
}

function withFields(now: Annotation, chosen: Annotation, fields: readonly string[]): Annotation {
  const pieces = annotationFields(now)
  const from = annotationFields(chosen)
  takeFields(pieces, from, fields)
  return annotationOf(now.uid, pieces)
}

/** Makes the named pieces what they are in `from`; a map that is empty there stays an empty map. */
function takeFields(
  pieces: Map<string, unknown>,
  from: RecordFields,
  names: readonly string[],
): void {
  for (const name of names) {
    if (from.has(name)) pieces.set(name, from.get(name))
    else pieces.delete(name)
    const dot = name.indexOf('.')
    const whole = dot < 0 ? undefined : name.slice(0, dot)
    if (whole !== undefined && from.has(whole)) pieces.set(whole, from.get(whole))
  }
}

function freshUid(
  conflict: AnnotationConflict,
  annotation: Annotation,
  others: readonly Annotation[],
): string {
  const { uid, ...draft } = annotation
  const used = new Set([uid, ...others.map((other) => other.uid)])
  return newUid(conflict.key, conflict.layer, draft satisfies AnnotationDraft, used)
}

function replaceEntry<T extends object>(
  entries: readonly T[],
  conflict: SchemaConflict,
  chosen: unknown,
  isEntry: (value: unknown) => value is T,
  keyName: keyof T,
): readonly T[] {
  const isIt = (entry: T): boolean => entry[keyName] === conflict.key
  if (!isEntry(chosen)) return entries.filter((entry) => !isIt(entry))
  const now = entries.find(isIt)
  if (now === undefined) return [...entries, chosen]
  const pieces = recordFields(now)
  const from = recordFields(chosen)
  takeFields(pieces, from, conflict.fields)
  const merged: unknown = conflict.fields.length === 0 ? chosen : recordOf(pieces)
  return entries.map((entry) => (isIt(entry) && isEntry(merged) ? merged : entry))
}
