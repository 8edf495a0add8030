import type { Annotation } from '../model/annotation.ts'
import type { AnnotatedItem, ItemKey, Media } from '../model/item.ts'
import type { Json } from '../model/json.ts'
import type { AttributeDefinition, Category } from '../model/schema.ts'
import { isAnnotation } from '../record/annotation-fields.ts'
import type { FileRecord } from '../record/file-record.ts'
import { isFields } from '../record/record-reader.ts'

/** Which side settles conflicts ahead. */
export type Favour = 'ours' | 'theirs'

/** How one conflict is settled. */
export type ConflictChoice = 'base' | 'ours' | 'theirs' | 'both'

/** Options of every merge. */
export interface MergeOptions {
  /** Takes this side where both changed one thing, instead of a conflict. Default: conflicts. */
  readonly favour?: Favour
}

/** What all conflicts say. The values are null where a side does not have the thing. */
interface ConflictOf<Kind extends string, Key, Value> {
  readonly kind: Kind
  /** Path of the dataset; empty until the caller who knows it fills it in. */
  readonly where: string
  readonly key: Key
  /** Pieces that both sides changed, sorted; empty when one side deleted the whole. */
  readonly fields: readonly string[]
  readonly base: Value | null
  readonly ours: Value | null
  readonly theirs: Value | null
}

/** Both sides changed one annotation. */
export interface AnnotationConflict extends ConflictOf<'annotation', ItemKey, Annotation> {
  readonly layer: string
  readonly uid: string
}

/**
 * Both sides changed the record of one item; the layers are empty then. Or, with no fields, one side
 * deleted the item and the other changed it or its annotations.
 */
export type ItemConflict = ConflictOf<'item', ItemKey, AnnotatedItem>

/** Both sides changed the media of one item. */
export type MediaConflict = ConflictOf<'media', ItemKey, readonly Media[]>

/** Both sides changed one thing of the schema; the key is the category key, attribute name or format. */
export interface SchemaConflict extends ConflictOf<
  'schema',
  string,
  Category | AttributeDefinition | Json
> {
  readonly part: 'category' | 'attribute' | 'info'
}

/** Both sides changed one file that is not understood; the key is its path. */
export type FileConflict = ConflictOf<'file', string, FileRecord>

/** Two sides changed the same thing in different ways. Plain JSON. */
export type Conflict =
  | AnnotationConflict
  | ItemConflict
  | MediaConflict
  | SchemaConflict
  | FileConflict

/** What a merge gives: for conflicting pieces `merged` holds ours. */
export interface MergeOutcome<T> {
  readonly merged: T
  readonly conflicts: readonly Conflict[]
}

/** Returns whether stored JSON is a conflict: its frame, and the annotations in it. */
export function isConflict(value: unknown): value is Conflict {
  if (!isFields(value) || typeof value.where !== 'string') return false
  if (!Array.isArray(value.fields) || !value.fields.every(isText)) return false
  const sides = [value.base, value.ours, value.theirs]
  switch (value.kind) {
    case 'annotation':
      return (
        isItemKey(value.key) &&
        isText(value.layer) &&
        isText(value.uid) &&
        sides.every((side) => side === null || isAnnotation(side))
      )
    case 'item':
      return isItemKey(value.key) && sides.every((side) => side === null || isItemLike(side))
    case 'media':
      return isItemKey(value.key) && sides.every((side) => side === null || Array.isArray(side))
    case 'schema':
      return isText(value.key) && isText(value.part)
    case 'file':
      return isText(value.key) && sides.every((side) => side === null || isFields(side))
    default:
      return false
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isItemKey(value: unknown): boolean {
  return isFields(value) && isText(value.subset) && isText(value.id)
}

function isItemLike(value: unknown): boolean {
  if (!isItemKey(value) || !isFields(value)) return false
  if (!Array.isArray(value.media) || !isFields(value.layers)) return false
  return Object.values(value.layers).every(
    (list) => Array.isArray(list) && list.every(isAnnotation),
  )
}
