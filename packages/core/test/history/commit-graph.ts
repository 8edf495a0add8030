import { type Commit, type CommitReader, walkCommits, type WalkOptions } from '@dsv/core'
import { EMPTY_TREE, type ObjectId, toObjectId } from '@dsv/store'
import fc from 'fast-check'

/** Commits by name, in memory; `reads` counts what was read. */
export interface CommitGraph extends CommitReader {
  readonly parents: ReadonlyMap<string, readonly string[]>
  readonly reads: string[]
}

/** Returns the id of the commit with this name. */
export function id(name: string): ObjectId {
  return toObjectId(Buffer.from(name).toString('hex').padEnd(64, '0'))
}

/** Returns the name of the commit with this id. */
export function nameOf(commitId: ObjectId): string {
  return Buffer.from(commitId.replace(/(?:00)+$/u, ''), 'hex').toString()
}

/** Returns a graph from lines such as `d: b c @40`: a name, its parents and its time. */
export function graph(...lines: readonly string[]): CommitGraph {
  const commits = new Map<ObjectId, Commit>()
  const parents = new Map<string, readonly string[]>()
  for (const [index, line] of lines.entries()) {
    const [name = '', rest = ''] = line.split(':')
    const words = rest.split(' ').filter(Boolean)
    const time = words.find((word) => word.startsWith('@'))?.slice(1) ?? `${index}`
    const names = words.filter((word) => !word.startsWith('@'))
    parents.set(name, names)
    commits.set(id(name), commit(name, names, Number(time)))
  }
  const reads: string[] = []
  return {
    parents,
    reads,
    commit: (commitId) => {
      reads.push(nameOf(commitId))
      const found = commits.get(commitId)
      return found ? Promise.resolve(found) : Promise.reject(new Error(`no ${nameOf(commitId)}`))
    },
  }
}

/** Returns the names of a walk. */
export async function walked(
  of: CommitGraph,
  tips: readonly string[],
  exclude: readonly string[] = [],
  options: WalkOptions = {},
): Promise<readonly string[]> {
  const names: string[] = []
  const all = { ...options, exclude: exclude.map(id) }
  for await (const { commitId } of walkCommits(of, tips.map(id), all)) names.push(nameOf(commitId))
  return names
}

/** Returns the names of a commit and all its ancestors. */
export function closure(of: CommitGraph, tips: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const pending = [...tips]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue
    found.add(name)
    pending.push(...(of.parents.get(name) ?? []))
  }
  return found
}

/** Graphs of up to twelve commits `c0`, `c1`, … whose clocks say anything. */
export const graphs: fc.Arbitrary<CommitGraph> = fc
  .array(
    fc.record({
      parents: fc.uniqueArray(fc.nat({ max: 11 }), { maxLength: 3 }),
      time: fc.nat({ max: 12 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((commits) =>
    graph(
      ...commits.map(({ parents, time }, index) => {
        const names = parents.filter((parent) => parent < index).map((parent) => `c${parent}`)
        return `c${index}: ${names.join(' ')} @${time}`
      }),
    ),
  )

function commit(message: string, parents: readonly string[], timeSeconds: number): Commit {
  const person = { name: message, email: `${message}@example.org`, timeSeconds, tzMinutes: 0 }
  return {
    files: EMPTY_TREE,
    datasets: new Map(),
    parents: parents.map(id),
    author: person,
    committer: person,
    message,
    extra: {},
  }
}
