import type { ObjectStore } from '../object/object-store.ts'
import { compareBytes, equalBytes } from './compare-bytes.ts'
import { compareKeys, isSameContentAt } from './node.ts'
import { resolveEntry, sameContent, type StoredEntry } from './stored-entry.ts'
import { TreeBuilder } from './tree-builder.ts'
import { END, ENTRY, TreeCursor } from './tree-cursor.ts'
import type { TreeSettings } from './tree-settings.ts'
import type { TreeEntry, TreeRef } from './tree.ts'

/** Three trees to merge; `base` is what both sides began with. */
export interface MergeSides {
  readonly base: TreeRef
  readonly ours: TreeRef
  readonly theirs: TreeRef
}

/** The three versions of one key that both sides changed, each in its way; undefined: not there. */
export interface EntryConflict {
  readonly key: Uint8Array
  readonly base: TreeEntry | undefined
  readonly ours: TreeEntry | undefined
  readonly theirs: TreeEntry | undefined
}

/** Decides a conflict: the entry to keep, under the same key, or undefined to have none. */
export type ResolveConflict = (
  conflict: EntryConflict,
) => TreeEntry | undefined | Promise<TreeEntry | undefined>

/**
 * Merges two trees. What one side alone changed is taken from it, by whole subtrees that are not
 * read; `resolve` is asked, in the order of the keys, for each key that both changed differently.
 *
 * @throws `DSV_TREE_CORRUPT`, `DSV_TREE_KEY_TOO_LONG`
 */
export async function mergeTrees(
  store: ObjectStore,
  sides: MergeSides,
  resolve: ResolveConflict,
  settings?: TreeSettings,
): Promise<TreeRef> {
  const { base, ours, theirs } = sides
  if (ours.root === theirs.root || base.root === theirs.root) return ours
  if (base.root === ours.root) return theirs
  const merge: Merge = {
    store,
    resolve,
    builder: new TreeBuilder(store, settings),
    base: await TreeCursor.open(store, base),
    ours: await TreeCursor.open(store, ours),
    theirs: await TreeCursor.open(store, theirs),
  }
  while (!isDone(merge)) await step(merge)
  return merge.builder.finish()
}

interface Merge {
  readonly store: ObjectStore
  readonly resolve: ResolveConflict
  readonly builder: TreeBuilder
  readonly base: TreeCursor
  readonly ours: TreeCursor
  readonly theirs: TreeCursor
}

function isDone({ base, ours, theirs }: Merge): boolean {
  return base.level === END && ours.level === END && theirs.level === END
}

/** All three cursors stand behind the same key: what was before it is merged. */
async function step(merge: Merge): Promise<void> {
  const { base, ours, theirs } = merge
  if (isSame(ours, base)) {
    await passRegion(merge, [ours, base], theirs, { takePair: false })
  } else if (isSame(theirs, base)) {
    await passRegion(merge, [theirs, base], ours, { takePair: false })
  } else if (isSame(ours, theirs)) {
    await passRegion(merge, [ours, theirs], base, { takePair: true })
  } else if (Math.max(base.level, ours.level, theirs.level) >= 0) {
    await passAloneOrExpand(merge)
  } else {
    await mergeKey(merge)
  }
}

/** Returns whether two cursors stand on the same: then their trees agree up to its last key. */
function isSame(a: TreeCursor, b: TreeCursor): boolean {
  if (a.level !== b.level) return false
  if (a.level === END) return true
  if (a.level >= 0) return a.childId() === b.childId()
  const isSameKey = compareKeys(a.node, a.index, b.node, b.index) === 0
  return isSameKey && isSameContentAt(a.node, a.index, b.node, b.index)
}

/**
 * Passes a region in which two trees agree, and takes it from one of the two or from the third. The
 * region grows for as long as the two go on to agree, so that nodes of the third that cross the
 * boundaries of theirs need not be read.
 */
async function passRegion(
  merge: Merge,
  pair: readonly [TreeCursor, TreeCursor],
  third: TreeCursor,
  { takePair }: { readonly takePair: boolean },
): Promise<void> {
  const [first, second] = pair
  /** Last key of the region; undefined: all the rest. */
  let end: Uint8Array | undefined
  const extend = async (): Promise<void> => {
    end = first.level === END ? undefined : first.key()
    if (takePair) await take(merge, first)
    if (end === undefined) return
    first.advance()
    second.advance()
  }
  await extend()
  while (third.level !== END) {
    if (end === undefined || compareBytes(third.key(), end) <= 0) {
      if (!takePair) await take(merge, third)
      third.advance()
    } else if (third.level === ENTRY || isSame(third, first) || isSame(third, second)) {
      // What the pair has left begins behind the region, so the same node does so in the third.
      return
    } else if (isSame(first, second)) {
      await extend()
    } else {
      await expandHighest(pairIsInternal(pair, third) ? pair : [third])
    }
  }
}

/** Whether going down in the pair, which differs here anyway, may show more that is the same. */
function pairIsInternal(pair: readonly [TreeCursor, TreeCursor], third: TreeCursor): boolean {
  const level = Math.max(pair[0].level, pair[1].level)
  return level >= 1 && level >= third.level
}

async function expandHighest(cursors: readonly TreeCursor[]): Promise<void> {
  const level = Math.max(...cursors.map((cursor) => cursor.level))
  await Promise.all(
    cursors.filter((cursor) => cursor.level === level).map((cursor) => cursor.expand()),
  )
}

/**
 * A subtree before all that the other two have left is one side's alone and is passed unread; else
 * the highest subtrees are opened.
 */
async function passAloneOrExpand(merge: Merge): Promise<void> {
  const { base, ours, theirs } = merge
  const cursors = [base, ours, theirs]
  const alone = cursors.find((cursor) => cursor.level >= 0 && isAlone(cursor, cursors))
  if (alone === undefined) {
    await expandHighest(cursors)
  } else {
    if (alone !== base) await take(merge, alone)
    alone.advance()
  }
}

function isAlone(cursor: TreeCursor, cursors: readonly TreeCursor[]): boolean {
  const last = cursor.key()
  return cursors.every(
    (other) =>
      other === cursor ||
      other.level === END ||
      (other.level === ENTRY && compareBytes(last, other.key()) < 0),
  )
}

async function take({ builder }: Merge, cursor: TreeCursor): Promise<void> {
  if (cursor.level === ENTRY) await builder.addStored(cursor.entry())
  else if (cursor.level !== END) await builder.addNode(cursor.child(), cursor.isLast())
}

/** Merges the least key that any of the three stands on; all stand on entries or at the end. */
async function mergeKey(merge: Merge): Promise<void> {
  const { base, ours, theirs, builder, store } = merge
  const key = leastKey([base, ours, theirs])
  const was = takeEntry(base, key)
  const our = takeEntry(ours, key)
  const their = takeEntry(theirs, key)
  if (isEqual(our, was) || isEqual(our, their)) {
    if (their !== undefined) await builder.addStored(their)
  } else if (isEqual(their, was)) {
    if (our !== undefined) await builder.addStored(our)
  } else {
    const resolved = await merge.resolve({
      key,
      base: was && (await resolveEntry(store, was)),
      ours: our && (await resolveEntry(store, our)),
      theirs: their && (await resolveEntry(store, their)),
    })
    if (resolved === undefined) return
    if (!equalBytes(resolved.key, key)) throw new Error('a conflict must keep its key')
    await builder.addEntry(resolved)
  }
}

function leastKey(cursors: readonly TreeCursor[]): Uint8Array {
  const [least] = cursors
    .filter((cursor) => cursor.level === ENTRY)
    .map((cursor) => cursor.key())
    .toSorted(compareBytes)
  if (least === undefined) throw new Error('a step of a merge without entries')
  return least
}

function takeEntry(cursor: TreeCursor, key: Uint8Array): StoredEntry | undefined {
  if (cursor.level !== ENTRY || !equalBytes(cursor.key(), key)) return undefined
  const entry = cursor.entry()
  cursor.advance()
  return entry
}

function isEqual(a: StoredEntry | undefined, b: StoredEntry | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameContent(a, b)
}
