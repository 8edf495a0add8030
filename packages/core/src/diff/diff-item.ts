import { primaryMedium } from '../model/primary-medium.ts'
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

/** Items that went to another subset or got another id, and the rest. */
export interface PairedMoves {
  readonly moved: readonly { readonly from: Item; readonly to: Item }[]
  readonly removed: readonly Item[]
  readonly added: readonly Item[]
}

/**
 * Pairs removed items with added ones that are the same item elsewhere: the same id in another subset
 * with the same primary media, by content, or by path where the content is not known; then, of those
 * that are left, items under another id whose primary media no other one has.
 */
export function pairMoves(removed: readonly Item[], added: readonly Item[]): PairedMoves {
  const moved: { from: Item; to: Item }[] = []
  const pair = (identityOf: (item: Item) => string | undefined, isUnique: boolean): void => {
    const paired = new Set(moved.flatMap(({ from, to }) => [from, to]))
    const groupsOf = (items: readonly Item[]): Map<string, Item[]> => {
      const groups = new Map<string, Item[]>()
      for (const item of items) {
        const identity = paired.has(item) ? undefined : identityOf(item)
        if (identity === undefined) continue
        const known = groups.get(identity)
        if (known === undefined) groups.set(identity, [item])
        else known.push(item)
      }
      return groups
    }
    const candidates = groupsOf(removed)
    for (const [identity, group] of groupsOf(added)) {
      const from = candidates.get(identity)
      if (from === undefined || (isUnique && from.length + group.length > 2)) continue
      for (const [at, to] of group.entries()) {
        const source = from[at]
        if (source !== undefined) moved.push({ from: source, to })
      }
    }
  }
  pair(idAndContentOf, false)
  pair(blobOf, true)
  const done = new Set(moved.flatMap(({ from, to }) => [from, to]))
  const left = (items: readonly Item[]): Item[] => items.filter((item) => !done.has(item))
  return { moved, removed: left(removed), added: left(added) }
}

function idAndContentOf(item: Item): string {
  const media = primaryMedium(item)
  return contentKey([item.id.normalize('NFC'), media === undefined ? null : contentOf(media)])
}

function blobOf(item: Item): string | undefined {
  const media = primaryMedium(item)
  return media?.blob === undefined ? undefined : contentKey(contentOf(media))
}

function contentOf(media: Media): readonly unknown[] {
  const frame = media.frame?.index ?? null
  return media.blob === undefined ? ['path', media.path, frame] : ['blob', media.blob, frame]
}
