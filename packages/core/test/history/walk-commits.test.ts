import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { walkCommits } from '@dsv/core'
import { closure, type CommitGraph, graph, graphs, id, walked } from './commit-graph.ts'

const fork = graph('a:', 'b: a', 'c: a', 'd: b', 'm: c d', 'e: m')

function names(of: CommitGraph): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...of.parents.keys()), { maxLength: 3 })
}

describe('walkCommits', () => {
  it('gives the newest first', async () => {
    expect(await walked(fork, ['e'])).toEqual(['e', 'm', 'd', 'c', 'b', 'a'])
  })

  it('follows the first parent only when asked to', async () => {
    expect(await walked(fork, ['e'], [], { firstParent: true })).toEqual(['e', 'm', 'c', 'a'])
  })

  it('leaves out excluded commits and their ancestors', async () => {
    expect(await walked(fork, ['e'], ['c'])).toEqual(['e', 'm', 'd', 'b'])
    expect(await walked(fork, ['d'], ['e'])).toEqual([])
  })

  it('gives no parent before its child where a clock was wrong', async () => {
    const skewed = graph('a: @50', 'b: a @1', 'c: a @40', 'm: b c @60')
    expect(await walked(skewed, ['m', 'a'])).toEqual(['m', 'c', 'b', 'a'])
    expect(await walked(skewed, ['a', 'b'])).toEqual(['b', 'a'])
  })

  it('reads a linear history one commit ahead', async () => {
    const line = graph('c0:', ...Array.from({ length: 50 }, (_, n) => `c${n + 1}: c${n}`))
    const walk = walkCommits(line, [id('c50')])
    await walk.next()
    await walk.next()
    expect(new Set(line.reads).size).toBeLessThanOrEqual(3)
    await walk.return()
  })

  it('gives each wanted commit once, children first, by date among those that can come next', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs.chain((of) => fc.tuple(fc.constant(of), names(of), names(of))),
        async ([of, tips, exclude]) => {
          const excluded = closure(of, exclude)
          const wanted = [...closure(of, tips)].filter((name) => !excluded.has(name))
          const given = await walked(of, tips, exclude)
          expect(given.toSorted()).toEqual(wanted.toSorted())
          expect(await newestThatCanComeNext(of, given)).toEqual(await timesOf(of, given))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

function timesOf(of: CommitGraph, given: readonly string[]): Promise<readonly number[]> {
  return Promise.all(given.map(async (name) => (await of.commit(id(name))).committer.timeSeconds))
}

/** For each step of a walk, the newest time among the commits whose children were all given. */
async function newestThatCanComeNext(
  of: CommitGraph,
  given: readonly string[],
): Promise<readonly number[]> {
  const times = await timesOf(of, given)
  return given.map((_, step) => {
    const left = given.slice(step)
    const ready = left.filter(
      (name) => !left.some((other) => of.parents.get(other)?.includes(name)),
    )
    return Math.max(...ready.map((name) => times[given.indexOf(name)] ?? 0))
  })
}
