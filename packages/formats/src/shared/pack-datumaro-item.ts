import {
  type AnnotatedItem,
  type Annotation,
  type AnnotationDraft,
  isEqual,
  type WriteContext,
} from '@dsv/core'
import { datumaroReading } from './datumaro-bytes.ts'
import { packAnnotations, unpackAnnotations } from './datumaro-packed-annotations.ts'
import { isObject, type JsonObject } from './json-reader.ts'
import { readAnnotation } from './read-datumaro-annotation.ts'
import { annotationRecords, type AnnotationTarget } from './write-datumaro-annotation.ts'

/**
 * Returns the annotations of an item in Datumaro's packed form. Everything that is read back as something
 * else is reported: numbers are of 32 bits there, and there is no place for members of our own.
 */
export function packItemAnnotations(
  item: AnnotatedItem,
  target: AnnotationTarget,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): Uint8Array {
  const where = `${item.subset}/${item.id}`
  const packed = (item.layers[layer] ?? []).flatMap((annotation) => {
    const records = annotationRecords(annotation, target)
    for (const what of lossesOf(annotation, records, target)) onLoss({ what, where })
    return records
  })
  return packAnnotations(packed)
}

/** Reports what an item says that its packed form has no place for. */
export function reportPackedItem(
  item: AnnotatedItem,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): void {
  const where = `${item.subset}/${item.id}`
  if ((item.tags ?? []).length > 0) onLoss({ what: 'item field: tags', where })
  for (const [format, own] of Object.entries(item.extra ?? {})) {
    // Which part of a video an item is has a place of its own.
    const isVideo = format === 'datumaro' && isObject(own) && Object.keys(own).join(' ') === 'video'
    if (!isVideo) onLoss({ what: `item extra: ${format}`, where })
  }
  for (const [name, annotations] of Object.entries(item.layers)) {
    if (name !== layer && annotations.length > 0) onLoss({ what: `layer: ${name}`, where })
  }
  const isCloud = item.media[0]?.kind === 'point-cloud'
  for (const { role } of item.media.slice(1)) {
    if (!isCloud || role !== 'related') onLoss({ what: `media: ${role}`, where })
  }
}

function lossesOf(
  { uid: _uid, provenance: _provenance, ...draft }: Annotation,
  records: readonly JsonObject[],
  { keys }: AnnotationTarget,
): readonly string[] {
  const lost = `annotation: ${draft.type}`
  if (records.length !== 1) return [lost]
  const [back] = unpackAnnotations(datumaroReading(packAnnotations(records), ''), '')
  if (back === undefined) return [lost]
  const read = readAnnotation(back, { file: '', path: '' }, keys)
  return read.type === draft.type ? differences(draft, read) : [lost]
}

function differences(draft: AnnotationDraft, read: AnnotationDraft): readonly string[] {
  const back = new Map<string, unknown>(Object.entries(read))
  const changed = Object.entries(draft)
    .filter(([name, value]) => value !== undefined && !isEqual(back.get(name), value))
    .map(([name]) => name)
  return changed.flatMap((name) => {
    if (name !== 'attributes' && name !== 'extra') return [`field: ${name}`]
    const [ours, theirs] =
      name === 'extra' ? [draft.extra, read.extra] : [draft.attributes, read.attributes]
    const kept = new Map<string, unknown>(Object.entries(theirs ?? {}))
    return Object.entries(ours ?? {})
      .filter(([key, value]) => !isEqual(kept.get(key), value))
      .map(([key]) => (name === 'extra' ? `extra: ${key}` : `attribute: ${key}`))
  })
}
