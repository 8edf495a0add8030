import type { ObjectReader } from '../object/object-store.ts'
import { compareKeys, isSameContentAt } from './node.ts'
import { BLOBS_AT_ONCE, resolveEntry, type StoredEntry } from './stored-entry.ts'
import { END, ENTRY, TreeCursor } from './tree-cursor.ts'
import type { KeyRange, TreeChange, TreeEntry, TreeRef } from './tree.ts'

const BATCH = 1024

/**
 * Yields what changed from `a` to `b`, in the order of the keys. Subtrees that both have are skipped
 * unread, so the cost goes with the change, whatever the sizes of the trees.
 *
 * @yields one change per key
 * @throws `DSV_TREE_CORRUPT`
 */
export async function* diffTrees(
  reader: ObjectReader,
  a: TreeRef,
  b: TreeRef,
  range: KeyRange = {},
): AsyncGenerator<TreeChange, void, undefined> {
  for await (const changes of diffTreesBatches(reader, a, b, range)) {
    for (const change of changes) yield change
  }
}

/**
 * Yields the same changes as {@link diffTrees} in arrays: faster for many.
 *
 * @yields up to 1,024 changes at once
 * @throws `DSV_TREE_CORRUPT`
 */
export async function* diffTreesBatches(
  reader: ObjectReader,
  a: TreeRef,
  b: TreeRef,
  range: KeyRange = {},
): AsyncGenerator<readonly TreeChange[], void, undefined> {
  if (a.root === b.root) return
  const left = await TreeCursor.open(reader, a, range)
  const right = await TreeCursor.open(reader, b, range)
  while (left.level !== END || right.level !== END) {
    if (left.level >= 0 || right.level >= 0) {
      await skipOrExpand(left, right)
    } else {
      const pairs = compareEntries(left, right)
      if (pairs.length > 0) yield await Promise.all(pairs.map((pair) => changeOf(reader, pair)))
    }
  }
}

async function skipOrExpand(left: TreeCursor, right: TreeCursor): Promise<void> {
  if (left.level === right.level) {
    if (left.childId() === right.childId()) {
      left.advance()
      right.advance()
    } else {
      await Promise.all([left.expand(), right.expand()])
    }
  } else {
    await (left.level > right.level ? left : right).expand()
  }
}

interface Pair {
  readonly from: StoredEntry | undefined
  readonly to: StoredEntry | undefined
}

/** Compares entries until a subtree comes on one side, or there are enough differences. */
function compareEntries(left: TreeCursor, right: TreeCursor): Pair[] {
  const pairs: Pair[] = []
  let blobs = 0
  while (pairs.length < BATCH && blobs < BLOBS_AT_ONCE && left.level < 0 && right.level < 0) {
    if (left.level === END && right.level === END) break
    const order = compareHeads(left, right)
    if (order !== 0 || !isSameContentAt(left.node, left.index, right.node, right.index)) {
      const from = order <= 0 ? left.entry() : undefined
      const to = order >= 0 ? right.entry() : undefined
      pairs.push({ from, to })
      blobs += Number(from?.isIndirect ?? false) + Number(to?.isIndirect ?? false)
    }
    if (order <= 0) left.advance()
    if (order >= 0) right.advance()
  }
  return pairs
}

/** Which of two cursors has the lesser key; one at the end comes last. */
function compareHeads(left: TreeCursor, right: TreeCursor): number {
  if (left.level !== ENTRY) return 1
  if (right.level !== ENTRY) return -1
  return compareKeys(left.node, left.index, right.node, right.index)
}

async function changeOf(reader: ObjectReader, { from, to }: Pair): Promise<TreeChange> {
  const key = (from ?? to)?.key
  if (key === undefined) throw new Error('a change without sides')
  return { key, from: await entryOf(reader, from), to: await entryOf(reader, to) }
}

async function entryOf(
  reader: ObjectReader,
  entry: StoredEntry | undefined,
): Promise<TreeEntry | undefined> {
  return entry === undefined ? undefined : resolveEntry(reader, entry)
}
