import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'

/** A commit that was read, with a number that orders commits of the same second. */
export interface ReadCommit {
  readonly commitId: ObjectId
  readonly commit: Commit
  readonly sequence: number
}

/** A queue that gives the newest commit first. */
export interface CommitQueue<Entry extends ReadCommit> {
  readonly size: () => number
  readonly push: (entry: Entry) => void
  readonly pop: () => Entry | undefined
}

/** Returns an empty queue: a binary heap by committer time, then by sequence. */
export function commitQueue<Entry extends ReadCommit>(): CommitQueue<Entry> {
  const heap: Entry[] = []

  function swapIfBefore(child: number, parent: number): boolean {
    const [a, b] = [heap[child], heap[parent]]
    if (a === undefined || b === undefined || !comesBefore(a, b)) return false
    heap[child] = b
    heap[parent] = a
    return true
  }

  function push(entry: Entry): void {
    let place = heap.push(entry) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!swapIfBefore(place, parent)) return
      place = parent
    }
  }

  function pop(): Entry | undefined {
    const [first] = heap
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    heap[0] = last
    for (let place = 0; ;) {
      const [left, right] = [2 * place + 1, 2 * place + 2]
      const [a, b] = [heap[left], heap[right]]
      const child = a !== undefined && b !== undefined && comesBefore(b, a) ? right : left
      if (!swapIfBefore(child, place)) return first
      place = child
    }
  }

  return { size: () => heap.length, push, pop }
}

function comesBefore(a: ReadCommit, b: ReadCommit): boolean {
  const later = a.commit.committer.timeSeconds - b.commit.committer.timeSeconds
  return later === 0 ? a.sequence < b.sequence : later > 0
}
