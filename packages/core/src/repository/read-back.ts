import type { ObjectReader, TreeRef, WriteSession } from '@dsv/store'
import type { AnnotationDiff } from '../diff/diff-annotations.ts'
import type { ItemChange } from '../diff/diff-item.ts'
import { isEqual } from '../diff/is-equal.ts'
import type { Item } from '../model/item.ts'
import type { Json } from '../model/json.ts'
import type { Schema } from '../model/schema.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { type StoredDataset, readStored } from '../stage/read-stored.ts'
import { diffDatasets } from './diff-snapshots.ts'
import type { Repository } from './repository.ts'

/**
 * Returns the dataset as its files say it, which were just written from `before`: with the ids that the
 * writer gave, where it put media, and the layout that reading finds. When the files say less than
 * `before`, that stays, as the source of a rendering.
 */
export async function readBack(
  repository: Repository,
  session: WriteSession,
  files: TreeRef,
  stored: StoredDataset,
): Promise<DatasetRecord> {
  const { before, path } = stored
  if (before.origin !== 'read') return before
  const found = await readStored(repository, session, files, stored)
  const isHeld = await saysAll(session, path, before, found)
  return isHeld ? { ...found, origin: 'read' } : { ...before, origin: 'rendered' }
}

/** Returns whether `found` differs from `wanted` only in what a format may choose on its own. */
async function saysAll(
  reader: ObjectReader,
  path: string,
  wanted: DatasetRecord,
  found: DatasetRecord,
): Promise<boolean> {
  if (!saysAllOfSchema(wanted.schema, found.schema)) return false
  const own = `extra.${wanted.format}`
  for await (const { from, to, item, layers } of diffDatasets(
    reader,
    path,
    wanted,
    found,
  ).items()) {
    if (from === undefined || to === undefined) return false
    if (item !== undefined && !isSameItem(item, own)) return false
    for (const diff of layers.values()) if (!isSameList(diff, own)) return false
  }
  return true
}

/**
 * A format without a list of categories knows only those in use: a bare name may be missing. A file that
 * is new may say of itself what another says.
 */
function saysAllOfSchema(wanted: Schema, found: Schema): boolean {
  const known = new Map(found.categories.map((category) => [category.key, category]))
  const areKept = wanted.categories.every((category) => {
    const { key, sourceIds: _, ...rest } = category
    const now = known.get(key)
    if (now === undefined) return Object.keys(rest).length === 1
    const { sourceIds: __, key: ___, ...others } = now
    return isEqual(rest, others)
  })
  return areKept && isEqual(wanted.attributes, found.attributes) && holds(found.info, wanted.info)
}

/** Whether `found` has every entry of `wanted`, in maps within it too. */
function holds(found: Json | undefined, wanted: Json): boolean {
  if (!isMap(found) || !isMap(wanted)) return isEqual(found, wanted)
  return Object.entries(wanted).every(([name, value]) => holds(found[name], value))
}

function isMap(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSameItem({ before, after, fields }: ItemChange, own: string): boolean {
  return fields.every(({ field }) => {
    if (field === 'media') return isEqual(contentsOf(before), contentsOf(after))
    return field === own
  })
}

function contentsOf({ media }: Item): readonly unknown[] {
  return media.map(({ role, blob }) => [role, blob ?? null])
}

function isSameList({ added, removed, changed }: AnnotationDiff, own: string): boolean {
  if (added.length > 0 || removed.length > 0) return false
  return changed.every(({ fields }) =>
    fields.every(({ field }) => field === 'sourceId' || field === own),
  )
}
