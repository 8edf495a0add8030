import type { ObjectId } from '@dsv/store'
import type { CommitReader } from './commit-reader.ts'
import { historyCut } from '../errors.ts'
import { type CommitRegion, type MarkedCommit, readRegion } from './commit-region.ts'

const OF_A = 1
const OF_B = 2
const OF_BOTH = OF_A | OF_B

/**
 * Returns the best common ancestors of two commits: those from which no other common ancestor
 * descends. Unrelated histories have none, criss-cross merges several, in the order of their ids.
 *
 * Reads the history only down to where both lines meet.
 *
 * @throws `DSV_HISTORY_CUT` when commits that are not here could be among them
 */
export async function mergeBases(
  reader: CommitReader,
  a: ObjectId,
  b: ObjectId,
): Promise<readonly ObjectId[]> {
  if (a === b) return [a]
  const { commits, below } = await readBoth(reader, a, b)
  checkUncut(reader, commits.values())
  const common = [...commits.values()].filter((entry) => entry.marks === OF_BOTH)
  if (common.length === 0) return below === undefined ? [] : [below.commitId]
  const covered = new Set<ObjectId>()
  const pending = common.flatMap((entry) => entry.commit.parents)
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (covered.has(id)) continue
    covered.add(id)
    pending.push(...(commits.get(id)?.commit.parents ?? []))
  }
  return common
    .map((entry) => entry.commitId)
    .filter((commitId) => !covered.has(commitId))
    .toSorted()
}

/**
 * What lies beyond a cut in what both have in common is common as well, but older than what is here. Beyond
 * a cut in what only one has there may be anything.
 */
function checkUncut({ cutAt }: CommitReader, commits: Iterable<MarkedCommit>): void {
  if (cutAt === undefined) return
  for (const { commitId, marks } of commits) {
    const parent = marks === OF_BOTH ? undefined : cutAt(commitId)
    if (parent !== undefined) throw historyCut(parent)
  }
}

/** Returns whether `descendant` is `ancestor`, or descends from it. */
export async function isAncestor(
  reader: CommitReader,
  ancestor: ObjectId,
  descendant: ObjectId,
): Promise<boolean> {
  return (await mergeBases(reader, ancestor, descendant)).includes(ancestor)
}

/** Returns how many commits `a` has that `b` does not (ahead), and the other way round (behind). */
export async function countAheadBehind(
  reader: CommitReader,
  a: ObjectId,
  b: ObjectId,
): Promise<{ readonly ahead: number; readonly behind: number }> {
  if (a === b) return { ahead: 0, behind: 0 }
  const { commits } = await readBoth(reader, a, b)
  const marks = [...commits.values()].map((entry) => entry.marks)
  return {
    ahead: marks.filter((mark) => mark === OF_A).length,
    behind: marks.filter((mark) => mark === OF_B).length,
  }
}

function readBoth(reader: CommitReader, a: ObjectId, b: ObjectId): Promise<CommitRegion> {
  return readRegion(
    reader,
    new Map([
      [a, OF_A],
      [b, OF_B],
    ]),
  )
}
