import type { EvaluatedItem, ItemPair } from '@dsv/analysis'
import { compareItemKeys, type ItemDiff, type ItemKey } from '@dsv/core'

/**
 * Goes over two versions of a dataset side by side. Items that went elsewhere are kept until both of their places were
 * seen; nothing else is.
 *
 * @param moved - Where items went, by the name of their place before
 */
export async function* pairItems(
  before: AsyncIterable<EvaluatedItem>,
  after: AsyncIterable<EvaluatedItem>,
  moved: ReadonlyMap<string, string>,
): AsyncGenerator<ItemPair, void, undefined> {
  const came = new Set(moved.values())
  const waitingBefore = new Map<string, EvaluatedItem>()
  const waitingAfter = new Map<string, EvaluatedItem>()
  const left = before[Symbol.asyncIterator]()
  const right = after[Symbol.asyncIterator]()
  try {
    let [old, now] = [await left.next(), await right.next()]
    while (old.done !== true || now.done !== true) {
      const [a, b] = [valueOf(old), valueOf(now)]
      const order = a === undefined ? 1 : b === undefined ? -1 : compareItemKeys(a, b)
      if (order === 0) yield { before: a, after: b }
      else if (order < 0 && a !== undefined) {
        const target = moved.get(nameOf(a))
        const other = target === undefined ? undefined : waitingAfter.get(target)
        if (target === undefined || other !== undefined) yield { before: a, after: other }
        else waitingBefore.set(target, a)
        if (target !== undefined) waitingAfter.delete(target)
      } else if (b !== undefined) {
        const name = nameOf(b)
        const other = waitingBefore.get(name)
        if (other !== undefined || !came.has(name)) yield { before: other, after: b }
        else waitingAfter.set(name, b)
        waitingBefore.delete(name)
      }
      if (order <= 0) old = await left.next()
      if (order >= 0) now = await right.next()
    }
    // Only one of their places was asked for.
    for (const item of waitingBefore.values()) yield { before: item, after: undefined }
    for (const item of waitingAfter.values()) yield { before: undefined, after: item }
  } finally {
    await left.return?.()
    await right.return?.()
  }
}

/** Returns where items went, by the name of their place before. */
export async function movedItems(
  items: AsyncIterable<ItemDiff>,
): Promise<ReadonlyMap<string, string>> {
  const moved = new Map<string, string>()
  for await (const { from, to } of items)
    if (from !== undefined && to !== undefined && compareItemKeys(from, to) !== 0)
      moved.set(nameOf(from), nameOf(to))
  return moved
}

function nameOf({ subset, id }: ItemKey): string {
  return JSON.stringify([subset, id])
}

function valueOf(result: IteratorResult<EvaluatedItem>): EvaluatedItem | undefined {
  return result.done === true ? undefined : result.value
}
