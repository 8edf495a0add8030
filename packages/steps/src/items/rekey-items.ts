import { type AnnotatedItem, type DatasetView, encodeItemKey, type ItemKey } from '@dsv/core'
import { hashBlob } from '@dsv/store'
import { itemsCollide } from '../errors.ts'

/** The subset and id that an item gets; `place` is its number in the order of the view, from 0. Undefined leaves it out. */
export type NewKey = (item: AnnotatedItem, place: number) => ItemKey | undefined

/**
 * Returns the items under new subsets and ids. Goes over the view up to three times; keeps one number of 52 bits for
 * each item.
 *
 * Media stay as they are: where the files of a format say the id of an item by the path of its media, its
 * adapter places them anew.
 *
 * @throws `DSV_ITEMS_COLLIDE`, `DSV_ITEM_KEY_INVALID`
 */
export async function* rekeyItems(
  step: string,
  view: Pick<DatasetView, 'items'>,
  newKey: NewKey,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  await checkKeys(step, view, newKey)
  for await (const [item, key] of withKeys(view, newKey)) yield { ...item, ...key }
}

async function* withKeys(
  view: Pick<DatasetView, 'items'>,
  newKey: NewKey,
): AsyncGenerator<readonly [AnnotatedItem, ItemKey], void, undefined> {
  let place = 0
  for await (const item of view.items()) {
    const key = newKey(item, place++)
    if (key !== undefined) yield [item, key]
  }
}

/** Checks that no two items get the same key. @throws `DSV_ITEMS_COLLIDE`, `DSV_ITEM_KEY_INVALID` */
export async function checkKeys(
  step: string,
  view: Pick<DatasetView, 'items'>,
  newKey: NewKey,
): Promise<void> {
  const prints = new Set<number>()
  const suspects = new Set<number>()
  for await (const [, key] of withKeys(view, newKey)) {
    const print = keyPrint(key)
    if (prints.has(print)) suspects.add(print)
    prints.add(print)
  }
  if (suspects.size === 0) return
  const owners = new Map<string, string>()
  for await (const [item, key] of withKeys(view, newKey)) {
    if (!suspects.has(keyPrint(key))) continue
    const text = `${key.subset}\0${key.id}`.normalize('NFC')
    const owner = owners.get(text)
    if (owner !== undefined) throw itemsCollide(step, nameOf(key), [owner, nameOf(item)])
    owners.set(text, nameOf(item))
  }
}

/** Returns 52 bits of the hash of a key. */
export function keyPrint(key: ItemKey): number {
  return Number.parseInt(hashBlob(encodeItemKey(key)).slice(0, 13), 16)
}

function nameOf({ subset, id }: ItemKey): string {
  return `${subset}/${id}`
}
