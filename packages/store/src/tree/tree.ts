import type { AnyId, ObjectId } from '../hash/object-id.ts'

/** One entry of a tree: key and value are bytes; `links` are the ids the value refers to. */
export interface TreeEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly links: readonly AnyId[]
}

/**
 * A tree: the id of its root node with the sums over all its entries. The same entries give the same
 * `TreeRef`, whatever the order of edits that led to them. The empty tree has no root.
 */
export interface TreeRef {
  readonly root: ObjectId | undefined
  /** Number of entries. */
  readonly count: number
  /** Logical size: sum over the entries of key + value + 32 per link + 2. */
  readonly sizeBytes: number
}

/** The tree without entries. */
export const EMPTY_TREE: TreeRef = { root: undefined, count: 0, sizeBytes: 0 }

/** Keys from `from` (included) to `to` (excluded); an absent end is open. */
export interface KeyRange {
  readonly from?: Uint8Array
  readonly to?: Uint8Array
}

/** One edit: the new entry under `key`, or undefined to remove it. */
export interface TreeEdit {
  readonly key: Uint8Array
  readonly entry: TreeEntry | undefined
}

/** One difference between two trees; one of the sides may be absent, never both. */
export interface TreeChange {
  readonly key: Uint8Array
  readonly from: TreeEntry | undefined
  readonly to: TreeEntry | undefined
}
