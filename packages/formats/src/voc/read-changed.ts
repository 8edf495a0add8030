import {
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
import { layoutFromJson } from './voc-layout.ts'
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
  for (const path of changed) {
    const place = placeOf(path, layout)
    if (place === undefined) {
      if (isIgnored(path, layout.root)) continue
      return undefined
    }
    if (place.role === 'image' && (await isTwin(place.base, path, before))) return undefined
    bases.add(place.base)
  }
  const { schema, reader } = await openDataset(folder, context)
  const now = reader.files.layout
  if (!isEqual(schema.categories, before.schema.categories)) return undefined
  if (now.kind !== layout.kind || now.root !== layout.root) return undefined
  if (now.sets.join('\n') !== layout.sets.join('\n')) return undefined
  if ([...bases].some((base) => reader.files.twins.has(base))) return undefined
  return patchOf(reader, bases, before)
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
  bases: ReadonlySet<string>,
  before: DatasetView,
): Promise<ItemPatch | undefined> {
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
  return { items: iterate(items), removed }
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

async function* iterate(items: readonly SourceItem[]): AsyncGenerator<SourceItem> {
  yield* items
}
