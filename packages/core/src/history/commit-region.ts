import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'
import { commitQueue, type ReadCommit } from './commit-queue.ts'
import type { CommitReader } from './commit-reader.ts'

/** A commit of a region; bit `n` of `marks` is set when the tips with that bit reach it. */
export interface MarkedCommit extends ReadCommit {
  marks: number
}

/** A part of history that is complete: nothing outside of it, apart from its tips' children, reaches into it. */
export interface CommitRegion {
  readonly commits: ReadonlyMap<ObjectId, MarkedCommit>
  /** The commit that every commit of the region descends from; undefined when history ends here. */
  readonly below: MarkedCommit | undefined
}

/**
 * Reads from `tips` (with their marks) down to the first commit at which all lines of history meet.
 *
 * A commit that is read can still be reached from one that is not, because clocks are wrong now and
 * then; so dates only choose the order of reading. The region is complete when one unread commit is
 * left and no line has ended before: then all commits of the region descend from it, and, as there
 * are no cycles, it and its ancestors reach none of them.
 *
 * @param parentsOf which parents are followed; all of them unless it is given.
 */
export async function readRegion(
  reader: CommitReader,
  tips: ReadonlyMap<ObjectId, number>,
  parentsOf: (entry: MarkedCommit) => readonly ObjectId[] = ({ commit }) => commit.parents,
): Promise<CommitRegion> {
  const waiting = commitQueue<MarkedCommit>()
  const known = new Map<ObjectId, MarkedCommit>()
  const region = new Map<ObjectId, MarkedCommit>()
  let hasEnded = false
  for (const [commitId, marks] of tips) await reach(commitId, marks)
  do {
    const entry = waiting.pop()
    if (entry === undefined) break
    region.set(entry.commitId, entry)
    hasEnded ||= entry.commit.parents.length === 0
    for (const parent of parentsOf(entry)) await reach(parent, entry.marks)
  } while (waiting.size() > 1 || hasEnded)
  return { commits: region, below: waiting.pop() }

  async function reach(first: ObjectId, marks: number): Promise<void> {
    const pending: ObjectId[] = [first]
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const entry = known.get(id)
      if (entry === undefined) {
        const commit: Commit = await reader.commit(id)
        const fresh = { commitId: id, commit, marks, sequence: known.size }
        known.set(id, fresh)
        waiting.push(fresh)
      } else if ((entry.marks | marks) !== entry.marks) {
        entry.marks |= marks
        if (region.has(id)) pending.push(...parentsOf(entry))
      }
    }
  }
}
