import { describe, expect, it } from '@jest/globals'
import { countAheadBehind, isAncestor, mergeBases } from '@dsv/core'
import fc from 'fast-check'
import { closure, type CommitGraph, graph, graphs, id, nameOf } from './commit-graph.ts'

async function bases(of: CommitGraph, a: string, b: string): Promise<readonly string[]> {
  return (await mergeBases(of, id(a), id(b))).map(nameOf)
}

const pairs = graphs.chain((of) => {
  const name = fc.constantFrom(...of.parents.keys())
  return fc.tuple(fc.constant(of), name, name)
})

describe('mergeBases', () => {
  it('finds the commit where two branches parted, and reads no further', async () => {
    const of = graph('a:', 'b: a', 'c: b', 'x: c', 'y: c')
    expect(await bases(of, 'x', 'y')).toEqual(['c'])
    expect(of.reads).not.toContain('b')
  })

  it('finds both bases of a criss-cross merge', async () => {
    const of = graph('a:', 'b: a', 'c: a', 'd: b c', 'e: c b')
    expect(await bases(of, 'd', 'e')).toEqual(['b', 'c'])
  })

  it('finds none between unrelated histories', async () => {
    expect(await bases(graph('a:', 'b:'), 'a', 'b')).toEqual([])
  })

  it('agrees with the definition on any graph', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([of, a, b]) => {
        const ofB = closure(of, [b])
        const common = [...closure(of, [a])].filter((name) => ofB.has(name))
        const best = common.filter(
          (name) => !common.some((other) => other !== name && closure(of, [other]).has(name)),
        )
        expect(await bases(of, a, b)).toEqual(best.toSorted((x, y) => (id(x) < id(y) ? -1 : 1)))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('isAncestor and countAheadBehind', () => {
  it('agree with the definition on any graph', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([of, a, b]) => {
        const [ofA, ofB] = [closure(of, [a]), closure(of, [b])]
        expect(await isAncestor(of, id(a), id(b))).toBe(ofB.has(a))
        expect(await countAheadBehind(of, id(a), id(b))).toEqual({
          ahead: [...ofA].filter((name) => !ofB.has(name)).length,
          behind: [...ofB].filter((name) => !ofA.has(name)).length,
        })
      }),
      { numRuns: 500 },
    )
  })
})
