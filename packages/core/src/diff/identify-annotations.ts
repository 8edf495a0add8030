import { encodeCanonical, hashBlob, type TreeEntry } from '@dsv/store'
import type { Annotation, AnnotationDraft } from '../model/annotation.ts'
import type { ItemKey } from '../model/item.ts'
import {
  annotationFields,
  encodeAnnotationFields,
  FIELD_NAMES,
} from '../record/annotation-record.ts'
import { matchAnnotations } from './match-annotations.ts'

/**
 * 64 bits. A uid is unique only within its item and layer: among 10,000 annotations there, chance
 * makes two equal once in 10¹¹ items, and then the ordinal tells them apart.
 */
const UID_DIGITS = 16

const UID_FIELD = FIELD_NAMES.get('uid') ?? 'uid'

/**
 * Gives drafts their uids: that of the stored annotation which they continue (see
 * {@link matchAnnotations}), else one made from item, layer, content and ordinal, so that two machines
 * that add the same annotations give them the same uids.
 *
 * @param before - What is stored of the item and layer; empty for a new item
 * @returns The annotations in the order of the drafts
 * @throws `DSV_RECORD_INVALID` for a draft that cannot be stored (NaN, half a character)
 */
export function identifyAnnotations(
  itemKey: ItemKey,
  layer: string,
  before: readonly Annotation[],
  drafts: readonly AnnotationDraft[],
): readonly Annotation[] {
  const matches = before.length === 0 ? [] : matchAnnotations(before, drafts)
  const used = new Set(before.map(({ uid }) => uid))
  return drafts.map((draft, index) => {
    const uid = matches[index]?.annotation.uid ?? newUid(itemKey, layer, draft, used)
    return { ...draft, uid }
  })
}

/**
 * Returns the entry of the annotations of a new item: that of {@link identifyAnnotations}, at the price
 * of going over each once.
 *
 * @throws `DSV_ITEM_KEY_INVALID`, `DSV_RECORD_INVALID`
 */
export function encodeNewAnnotations(
  itemKey: ItemKey,
  layer: string,
  drafts: readonly AnnotationDraft[],
): TreeEntry {
  const used = new Set<string>()
  const named = drafts.map((draft) => {
    const fields = annotationFields(draft)
    return withUid(fields, uidOf(itemKey, layer, fields, used))
  })
  return encodeAnnotationFields(itemKey, named)
}

/**
 * Returns a uid that is not in `used`, and adds it: the first 16 digits of the BLAKE3 of canonical
 * `[subset, id, layer, draft as in a record, ordinal]`, where the ordinal is the first from 0 that is
 * free.
 */
export function newUid(
  itemKey: ItemKey,
  layer: string,
  draft: AnnotationDraft,
  used: Set<string>,
): string {
  return uidOf(itemKey, layer, annotationFields(draft), used)
}

/** Puts the uid in its place among sorted fields, so that the encoder need not sort them. */
function withUid(
  fields: Readonly<Record<string, unknown>>,
  uid: string,
): Readonly<Record<string, unknown>> {
  const named: Record<string, unknown> = {}
  let isNamed = false
  for (const name in fields) {
    if (!isNamed && name > UID_FIELD) {
      named[UID_FIELD] = uid
      isNamed = true
    }
    named[name] = fields[name]
  }
  if (!isNamed) named[UID_FIELD] = uid
  return named
}

function uidOf(
  { subset, id }: ItemKey,
  layer: string,
  fields: Readonly<Record<string, unknown>>,
  used: Set<string>,
): string {
  for (let ordinal = 0; ; ordinal++) {
    const content = [subset.normalize('NFC'), id.normalize('NFC'), layer, fields, ordinal]
    const uid = hashBlob(encodeCanonical(content)).slice(0, UID_DIGITS)
    if (used.has(uid)) continue
    used.add(uid)
    return uid
  }
}
