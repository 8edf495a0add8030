import { isDsvError, type KeyRange } from '@dsv/store'
import { itemKeyInvalid, recordMalformed } from '../errors.ts'
import type { ItemKey } from '../model/item.ts'

/** The longest key of an item, in bytes. */
export const MAX_ITEM_KEY_BYTES = 1024

/**
 * Returns the key of an item in the trees of a dataset: UTF-8 of `NFC(subset) 00 NFC(id)`. Byte order
 * is the order of items: by subset, then by id.
 *
 * Two spellings of one name that differ only in Unicode composition are the same item.
 *
 * @throws `DSV_ITEM_KEY_INVALID`
 */
export function encodeItemKey(key: ItemKey): Uint8Array {
  const problem = itemKeyProblem(key)
  if (problem !== undefined) throw itemKeyInvalid(key, problem)
  const bytes = new TextEncoder().encode(
    `${key.subset.normalize('NFC')}\0${key.id.normalize('NFC')}`,
  )
  if (bytes.length > MAX_ITEM_KEY_BYTES) {
    throw itemKeyInvalid(key, `it takes ${bytes.length} bytes, more than ${MAX_ITEM_KEY_BYTES}`)
  }
  return bytes
}

/** Returns whether an item of that subset and id can be stored. */
export function isItemKey(key: ItemKey): boolean {
  try {
    encodeItemKey(key)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_ITEM_KEY_INVALID')) return false
    throw error
  }
}

/** Returns the subset and id in a key, in NFC. @throws `DSV_RECORD_MALFORMED` */
export function decodeItemKey(bytes: Uint8Array): ItemKey {
  const end = bytes.indexOf(0)
  if (end < 0) throw recordMalformed('An item key', 'it has no separator')
  const subset = decodeText(bytes.subarray(0, end))
  return { subset, id: decodeText(bytes.subarray(end + 1)) }
}

/** Orders items as their trees do: by the bytes of subset, then id, in NFC. */
export function compareItemKeys(a: ItemKey, b: ItemKey): number {
  return compareBytes(encodeItemKey(a), encodeItemKey(b))
}

/** Returns the keys of all items of a subset. */
export function subsetRange(subset: string): KeyRange {
  const encoder = new TextEncoder()
  const name = subset.normalize('NFC')
  return { from: encoder.encode(`${name}\0`), to: encoder.encode(`${name}\u0001`) }
}

function itemKeyProblem(key: ItemKey): string | undefined {
  if (key.id === '') return 'the id is empty'
  if (key.id.includes('\0') || key.subset.includes('\0')) return 'it contains a NUL character'
  if (/\p{Surrogate}/u.test(key.id) || /\p{Surrogate}/u.test(key.subset)) {
    return 'it is not valid Unicode'
  }
  return undefined
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw recordMalformed('An item key', 'it is not UTF-8', error)
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
