import { isEqual } from '../diff/is-equal.ts'
import { recordFields, recordOf, type RecordFields } from '../diff/record-fields.ts'
import type { Annotation } from '../model/annotation.ts'
import type { AnnotatedItem, Item, ItemKey, Media } from '../model/item.ts'
import { isAttributes } from '../record/annotation-fields.ts'
import { isFields, isJson } from '../record/record-reader.ts'
import type { Conflict, MergeOptions, MergeOutcome } from './conflict.ts'
import { mergeAnnotations } from './merge-annotations.ts'
import { mergeFields, mergeValue } from './merge-fields.ts'
import { mergeOrder } from './merge-order.ts'

/**
 * Merges the record of one item that all sides have, or that both added: media one by one (by role
 * and path), each attribute, tags as a set, extra fields by format.
 */
export function mergeItem(
  base: Item | undefined,
  ours: Item,
  theirs: Item,
  options: MergeOptions = {},
): MergeOutcome<Item> {
  if (isEqual(theirs, base) || isEqual(ours, theirs)) return { merged: ours, conflicts: [] }
  if (isEqual(ours, base)) return { merged: theirs, conflicts: [] }
  const key: ItemKey = { subset: ours.subset, id: ours.id }
  const media = mergeMedia(base?.media ?? [], ours.media, theirs.media, options)
  const fields = mergeFields(fieldsOf(base), fieldsOf(ours), fieldsOf(theirs), options.favour)
  const tags = mergeTags(base?.tags, ours.tags, theirs.tags)
  const sides = { where: '', key }
  const conflicts: Conflict[] = []
  if (media.isConflict) {
    const lists = { base: base?.media ?? null, ours: ours.media, theirs: theirs.media }
    conflicts.push({ kind: 'media', ...sides, fields: ['media'], ...lists })
  }
  if (fields.conflicts.length > 0) {
    const items = { base: bare(base), ours: bare(ours), theirs: bare(theirs) }
    conflicts.push({ kind: 'item', ...sides, fields: fields.conflicts, ...items })
  }
  return { merged: itemOf(key, media.merged, tags, fields.merged), conflicts }
}

/**
 * Merges an item with its annotations, of which each side may lack the whole. Deleting an item that
 * the other side changed in any way, its annotations included, is one conflict without fields.
 */
export function mergeAnnotatedItem(
  base: AnnotatedItem | undefined,
  ours: AnnotatedItem | undefined,
  theirs: AnnotatedItem | undefined,
  options: MergeOptions = {},
): MergeOutcome<AnnotatedItem | undefined> {
  if (isEqual(theirs, base) || isEqual(ours, theirs)) return { merged: ours, conflicts: [] }
  if (isEqual(ours, base)) return { merged: theirs, conflicts: [] }
  if (ours === undefined || theirs === undefined) {
    return deletedAndChanged(base, ours, theirs, options)
  }
  const item = mergeItem(withoutLayers(base), withoutLayers(ours), withoutLayers(theirs), options)
  const conflicts = [...item.conflicts]
  const [old, left, right] = [layersOf(base), layersOf(ours), layersOf(theirs)]
  const layers = new Map<string, readonly Annotation[]>()
  for (const layer of [...new Set([...left.keys(), ...right.keys()])].toSorted()) {
    const annotations = mergeAnnotations(
      old.get(layer) ?? [],
      left.get(layer) ?? [],
      right.get(layer) ?? [],
      { key: ours, layer },
      options,
    )
    const isGone = old.has(layer) && !(left.has(layer) && right.has(layer))
    if (!isGone || annotations.merged.length > 0) layers.set(layer, annotations.merged)
    conflicts.push(...annotations.conflicts)
  }
  return { merged: { ...item.merged, layers: Object.fromEntries(layers) }, conflicts }
}

function layersOf(item: AnnotatedItem | undefined): ReadonlyMap<string, readonly Annotation[]> {
  return new Map(Object.entries(item?.layers ?? {}))
}

function deletedAndChanged(
  base: AnnotatedItem | undefined,
  ours: AnnotatedItem | undefined,
  theirs: AnnotatedItem | undefined,
  { favour }: MergeOptions,
): MergeOutcome<AnnotatedItem | undefined> {
  const item = base ?? ours ?? theirs
  if (item === undefined) return { merged: undefined, conflicts: [] }
  if (base === undefined) return { merged: ours ?? theirs, conflicts: [] }
  const merged = favour === 'theirs' ? theirs : ours
  if (favour !== undefined) return { merged, conflicts: [] }
  const key = { subset: item.subset, id: item.id }
  const sides = { base: base ?? null, ours: ours ?? null, theirs: theirs ?? null }
  return { merged, conflicts: [{ kind: 'item', where: '', key, fields: [], ...sides }] }
}

/** The pieces of an item that are merged one by one. */
function fieldsOf(item: Item | undefined): RecordFields {
  const fields = recordFields(item ?? {})
  for (const name of ['subset', 'id', 'media', 'tags', 'layers']) fields.delete(name)
  return fields
}

function itemOf(
  key: ItemKey,
  media: readonly Media[],
  tags: readonly string[] | undefined,
  fields: RecordFields,
): Item {
  const { attributes, extra } = recordOf(fields)
  return {
    ...key,
    media,
    ...(isAttributes(attributes) && { attributes }),
    ...(tags !== undefined && { tags }),
    ...(isExtra(extra) && { extra }),
  }
}

function isExtra(value: unknown): value is NonNullable<Item['extra']> {
  return isFields(value) && isJson(value)
}

function mergeMedia(
  base: readonly Media[],
  ours: readonly Media[],
  theirs: readonly Media[],
  { favour }: MergeOptions,
): { readonly merged: readonly Media[]; readonly isConflict: boolean } {
  const lists = [base, ours, theirs].map(byPlace)
  const [oldMedia = new Map(), ourMedia = new Map(), theirMedia = new Map()] = lists
  const merged = new Map<string, Media>()
  let isConflict = false
  for (const place of new Set<string>([...ourMedia.keys(), ...theirMedia.keys()])) {
    const value = mergeValue<Media | undefined>(
      oldMedia.get(place),
      ourMedia.get(place),
      theirMedia.get(place),
      favour,
    )
    isConflict ||= value.isConflict
    if (value.merged !== undefined) merged.set(place, value.merged)
  }
  const order = mergeOrder(
    [...oldMedia.keys()],
    [...ourMedia.keys()],
    [...theirMedia.keys()],
    (place) => merged.has(place),
  )
  return { merged: order.flatMap((place) => merged.get(place) ?? []), isConflict }
}

function byPlace(list: readonly Media[]): Map<string, Media> {
  const media = new Map<string, Media>()
  for (const medium of list) {
    let ordinal = 0
    const placeOf = (): string => JSON.stringify([medium.role, medium.path, ordinal])
    while (media.has(placeOf())) ordinal++
    media.set(placeOf(), medium)
  }
  return media
}

/** Tags are a set: what one side added is there, what one side took away is gone. */
function mergeTags(
  base: readonly string[] | undefined,
  ours: readonly string[] | undefined,
  theirs: readonly string[] | undefined,
): readonly string[] | undefined {
  const [old, left, right] = [new Set(base), new Set(ours), new Set(theirs)]
  const isKept = (tag: string): boolean => (old.has(tag) ? left.has(tag) && right.has(tag) : true)
  const merged = mergeOrder([...old], [...left], [...right], isKept)
  if (merged.length > 0) return merged
  return mergeValue(base, ours, theirs, 'ours').merged === undefined ? undefined : []
}

function withoutLayers(item: AnnotatedItem): Item
function withoutLayers(item: AnnotatedItem | undefined): Item | undefined
function withoutLayers(item: AnnotatedItem | undefined): Item | undefined {
  if (item === undefined) return undefined
  const { layers: _, ...record } = item
  return record
}

function bare(item: Item): AnnotatedItem
function bare(item: Item | undefined): AnnotatedItem | null
function bare(item: Item | undefined): AnnotatedItem | null {
  return item === undefined ? null : { ...item, layers: {} }
}
