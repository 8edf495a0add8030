import {
  type AnnotatedItem,
  type DatasetView,
  type Folder,
  isEqual,
  type ItemKey,
  type ItemPatch,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { openDataset } from './read.ts'
import { type ItemReader, readItem } from './read-item.ts'
import { placeOf } from './voc-files.ts'
import { layoutFromJson, type VocLayout } from './voc-layout.ts'
import { vocOf } from './write-item.ts'

/**
 * Reads again the items whose XML file, masks or image have changed. Undefined when image sets, the
 * label map or the categories changed, or when an image is known under another name than its XML file.
 */
export async function readChanged(
  folder: Folder,
  changed: readonly string[],
  before: DatasetView,
  context: ReadContext,
): Promise<ItemPatch | undefined> {
  const layout = layoutFromJson(before.layout)
  if (layout === undefined) return undefined
  const bases = new Set<string>()
  let hasMasks = false
  for (const path of changed) {
    const place = placeOf(path, layout)
    if (place === undefined) {
      if (isIgnored(path, layout.root)) continue
      return undefined
    }
    if (place.role === 'image' && (await isTwin(place.base, path, before))) return undefined
    hasMasks ||= place.role === 'classMask' || place.role === 'objectMask'
    bases.add(place.base)
  }
  const { categories } = before.schema
  // What the categories are, and in which order, only the names in all XML files tell: unless each item
  // that changed has the names that it had.
  if (!hasMasks && categories.every(({ key, name }) => key === name)) {
    const { reader } = await openDataset(folder, context, categories)
    const patch = await patchOf(reader, layout, bases, before)
    if (patch !== undefined && (await hasSameNames(patch, before))) return asStream(patch)
  }
  const { schema, reader } = await openDataset(folder, context)
  if (!isEqual(schema.categories, categories)) return undefined
  const patch = await patchOf(reader, layout, bases, before)
  return patch && asStream(patch)
}

/** An {@link ItemPatch} that is not streamed. */
interface Patch {
  readonly items: readonly SourceItem[]
  readonly removed: readonly ItemKey[]
}

function asStream({ items, removed }: Patch): ItemPatch {
  return {
    items: (async function* stream() {
      yield* items
    })(),
    removed,
  }
}

async function hasSameNames({ items, removed }: Patch, before: DatasetView): Promise<boolean> {
  if (removed.length > 0) return false
  for (const item of items) {
    const old = await before.item(item)
    if (old === undefined || !isEqual(namesOf(old), namesOf(item))) return false
  }
  return true
}

function namesOf({ layers }: SourceItem | AnnotatedItem): readonly string[] {
  const names = Object.values(layers).flatMap((annotations) =>
    annotations.flatMap(({ category }) => (category === undefined ? [] : [category])),
  )
  return [...new Set(names)]
}

/** Whether an image was told apart from another one by its extension. */
async function isTwin(base: string, path: string, before: DatasetView): Promise<boolean> {
  const id = base + path.slice(path.lastIndexOf('.'))
  for (const subset of before.subsets) {
    if ((await before.item({ subset, id })) !== undefined) return true
  }
  return false
}

/** Files that no item is read from. */
function isIgnored(path: string, root: string): boolean {
  const isList = path.startsWith(`${root}ImageSets/`) || path === `${root}labelmap.txt`
  return !isList && !path.endsWith('.xml') && !isImagePath(path)
}

async function patchOf(
  reader: ItemReader,
  layout: VocLayout,
  bases: ReadonlySet<string>,
  before: DatasetView,
): Promise<Patch | undefined> {
  const now = reader.files.layout
  if (now.kind !== layout.kind || now.root !== layout.root) return undefined
  if (now.sets.join('\n') !== layout.sets.join('\n')) return undefined
  if ([...bases].some((base) => reader.files.twins.has(base))) return undefined
  const items: SourceItem[] = []
  const kept = new Set<string>()
  for (const base of bases) {
    const entry = reader.files.entryOfBase.get(base)
    if (entry === undefined) continue
    const item = await readItem(reader, entry)
    if (item === undefined) continue
    if (isNamedElsewhere(item)) return undefined
    items.push(item)
    kept.add(keyText(item))
  }
  const removed: ItemKey[] = []
  const known = new Set(reader.files.entries.map((entry) => keyText(entry)))
  for (const base of bases) {
    for (const key of keysOf(base, known, before)) {
      const item = await before.item(key)
      if (item === undefined || kept.has(keyText(key))) continue
      if (isNamedElsewhere(item)) return undefined
      removed.push(key)
    }
  }
  return { items, removed }
}

/** Keys that an item of this base may have had. */
function keysOf(base: string, known: ReadonlySet<string>, before: DatasetView): readonly ItemKey[] {
  const keys: ItemKey[] = before.subsets.flatMap((subset) => {
    const inside = base.startsWith(`${subset}/`) ? [base.slice(subset.length + 1)] : []
    return [base, ...inside].map((id) => ({ subset, id }))
  })
  return keys.filter((key) => !known.has(keyText(key)))
}

function isNamedElsewhere(item: { readonly extra?: SourceItem['extra'] }): boolean {
  return vocOf(item)['image'] !== undefined
}

function keyText({ subset, id }: ItemKey): string {
  return `${subset}\0${id}`
}
