import type { Item, Media } from '../model/item.ts'
import { contentKey } from './content-key.ts'
import { compareFields, type FieldChange, recordFields } from './record-fields.ts'

/**
 * How one item differs, without its annotations. As JSON: `{ before, after,
 * fields: [{ field, from, to }] }`; fields are `media`, `tags`, `attributes.<name>`,
 * `extra.<format>`, and `subset` or `id` when it moved.
 */
export interface ItemChange {
  readonly before: Item
  readonly after: Item
  readonly fields: readonly FieldChange[]
}

/** Compares an item in two versions. Returns undefined when nothing differs. */
export function diffItem(before: Item, after: Item): ItemChange | undefined {
  const fields = compareFields(recordFields(before), recordFields(after))
  return fields.length === 0 ? undefined : { before, after, fields }
}

/** Returns the item after a change: `applyItemChange(a, diffItem(a, b))` equals `b`. */
export function applyItemChange(item: Item, change: ItemChange | undefined): Item {
  return change === undefined ? item : change.after
}

/** Items that went to another subset, and the rest. */
export interface PairedMoves {
  readonly moved: readonly { readonly from: Item; readonly to: Item }[]
  readonly removed: readonly Item[]
  readonly added: readonly Item[]
}

/**
 * Pairs removed items with added ones that are the same item in another subset: the same id, and the
 * same primary media by content, or by path where the content is not known.
 */
export function pairMoves(removed: readonly Item[], added: readonly Item[]): PairedMoves {
  const candidates = new Map<string, Item[]>()
  for (const item of removed) {
    const identity = identityOf(item)
    const known = candidates.get(identity)
    if (known === undefined) candidates.set(identity, [item])
    else known.push(item)
  }
  const moved: { from: Item; to: Item }[] = []
  const left: Item[] = []
  for (const to of added) {
    const from = candidates.get(identityOf(to))?.shift()
    if (from === undefined) left.push(to)
    else moved.push({ from, to })
  }
  const sources = new Set(moved.map(({ from }) => from))
  return { moved, removed: removed.filter((item) => !sources.has(item)), added: left }
}

function identityOf(item: Item): string {
  const media = item.media.find(({ role }) => role === 'primary') ?? item.media[0]
  return contentKey([item.id.normalize('NFC'), media === undefined ? null : contentOf(media)])
}

function contentOf(media: Media): readonly unknown[] {
  const frame = media.frame?.index ?? null
  return media.blob === undefined ? ['path', media.path, frame] : ['blob', media.blob, frame]
}
