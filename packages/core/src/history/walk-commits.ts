import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'
import { commitQueue } from './commit-queue.ts'
import type { CommitReader } from './commit-reader.ts'
import { type MarkedCommit, readRegion } from './commit-region.ts'

/** How history is walked. */
export interface WalkOptions {
  /** Commits that are left out with all their ancestors. */
  readonly exclude?: readonly ObjectId[]
  /** Follows only the first parent of each commit; of excluded commits all. Default false. */
  readonly firstParent?: boolean
}

/** A commit with its id. */
export interface WalkedCommit {
  readonly commitId: ObjectId
  readonly commit: Commit
}

const WANTED = 1
const EXCLUDED = 2

/**
 * Walks from `tips` to their ancestors, each commit once: newest first by committer time, and never
 * a parent before one of its children, whatever the clocks said (`git log --date-order`).
 *
 * Holds and reads ahead only to where the branches that are open at this point meet again: a linear
 * history is read one commit ahead.
 *
 * @yields each commit with its id
 */
export async function* walkCommits(
  reader: CommitReader,
  tips: readonly ObjectId[],
  options: WalkOptions = {},
): AsyncGenerator<WalkedCommit, void, undefined> {
  const { exclude = [], firstParent = false } = options
  let marked = new Map<ObjectId, number>(tips.map((tip) => [tip, WANTED]))
  for (const tip of exclude) marked.set(tip, (marked.get(tip) ?? 0) | EXCLUDED)
  const parentsOf = (entry: MarkedCommit): readonly ObjectId[] =>
    firstParent && (entry.marks & EXCLUDED) === 0
      ? entry.commit.parents.slice(0, 1)
      : entry.commit.parents
  while (marked.size > 0) {
    const { commits, below } = await readRegion(reader, marked, parentsOf)
    yield* newestFirst([...commits.values()].filter(isWanted), parentsOf)
    marked = new Map()
    if (below !== undefined && isWanted(below)) marked.set(below.commitId, below.marks)
  }
}

function isWanted(entry: MarkedCommit): boolean {
  return entry.marks === WANTED
}

/** @yields commits by date, each when all its children among them were yielded */
function* newestFirst(
  commits: readonly MarkedCommit[],
  parentsOf: (entry: MarkedCommit) => readonly ObjectId[],
): Generator<WalkedCommit> {
  const byId = new Map(commits.map((entry) => [entry.commitId, entry]))
  const children = new Map<ObjectId, number>()
  for (const entry of commits) {
    for (const parent of new Set(parentsOf(entry))) {
      children.set(parent, (children.get(parent) ?? 0) + 1)
    }
  }
  const ready = commitQueue<MarkedCommit>()
  for (const entry of commits) if (!children.has(entry.commitId)) ready.push(entry)
  for (let entry = ready.pop(); entry !== undefined; entry = ready.pop()) {
    yield { commitId: entry.commitId, commit: entry.commit }
    for (const parentId of new Set(parentsOf(entry))) {
      const left = (children.get(parentId) ?? 0) - 1
      children.set(parentId, left)
      const parent = byId.get(parentId)
      if (left === 0 && parent !== undefined) ready.push(parent)
    }
  }
}
