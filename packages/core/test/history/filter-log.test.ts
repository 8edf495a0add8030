import { describe, expect, it } from '@jest/globals'
import { filterLog, type LogFilter, walkCommits } from '@dsv/core'
import { graph, id, nameOf } from './commit-graph.ts'

const of = graph('a: @10', 'b: a @20', 'c: a @30', 'm: b c @40', 'e: m @50')
/** What each commit holds at each path. */
const files: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  a: { x: 1 },
  b: { x: 2 },
  c: { x: 1, y: 1 },
  m: { x: 2, y: 1 },
  e: { x: 2, y: 1 },
}

async function log(filter: LogFilter<string>): Promise<readonly string[]> {
  const found: string[] = []
  const walk = walkCommits(of, [id('e')])
  const wanted = filterLog(walk, filter, (commitId, parentId, path) => {
    const before = parentId === undefined ? undefined : files[nameOf(parentId)]?.[path]
    return Promise.resolve(files[nameOf(commitId)]?.[path] !== before)
  })
  for await (const { commitId } of wanted) found.push(nameOf(commitId))
  return found
}

describe('filterLog', () => {
  it.each<[string, LogFilter<string>, string]>([
    ['everything', {}, 'e m c b a'],
    ['an author', { author: 'C <c@EXAMPLE' }, 'c'],
    ['a committer and a message', { committer: '@', message: 'M' }, 'm'],
    ['times, both ends included', { since: 20, until: 40 }, 'm c b'],
    ['no merges', { merges: false }, 'e c b a'],
    ['a part', { skip: 1, limit: 2 }, 'm c'],
    ['nothing', { limit: 0 }, ''],
    ['what changed x; the merge took it from one side', { changed: ['x'] }, 'b a'],
    ['what changed y', { changed: ['y'] }, 'c'],
    ['what changed x or y; the merge differs from both sides', { changed: ['x', 'y'] }, 'm c b a'],
  ])('finds %s', async (_, filter, expected) => {
    expect((await log(filter)).join(' ')).toBe(expected)
  })
})
