import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mergeLock } from '../../src/merge/merge-lock.ts'

const HEAD = '# Written by dsv.\nversion: 1\n'

function lockOf(stages: Readonly<Record<string, number>>): string {
  const names = Object.keys(stages).toSorted()
  if (names.length === 0) return `${HEAD}stages: {}\n`
  const parts = names.map((name) => `  ${name}:\n    outputs:\n      a: blob:${stages[name]}\n`)
  return `${HEAD}stages:\n${parts.join('')}`
}

describe('merging locks', () => {
  test('takes each stage from the side that ran it', () => {
    const merged = mergeLock(
      lockOf({ a: 1, b: 1, c: 1 }),
      lockOf({ a: 2, b: 1, c: 1, d: 1 }),
      lockOf({ a: 1, b: 2, e: 1 }),
    )
    expect(merged).toBe(lockOf({ a: 2, b: 2, d: 1, e: 1 }))
  })

  test('leaves out a stage that both ran with different results', () => {
    expect(mergeLock(lockOf({ a: 1 }), lockOf({ a: 2 }), lockOf({ a: 3 }))).toBe(lockOf({}))
    expect(mergeLock(undefined, lockOf({ a: 2, b: 1 }), lockOf({ a: 3, b: 1 }))).toBe(
      lockOf({ b: 1 }),
    )
  })

  test('gives way where a lock is written differently', () => {
    expect(mergeLock(undefined, lockOf({ a: 1 }), 'no lock\n')).toBeUndefined()
    expect(mergeLock(undefined, lockOf({ a: 1 }), `version: 2\nstages: {}\n`)).toBeUndefined()
  })

  test('a side that did nothing changes nothing, and the sides may be swapped', () => {
    const stages = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(stages, stages, stages, (base, ours, theirs) => {
        const [was, left, right] = [lockOf(base), lockOf(ours), lockOf(theirs)]
        expect(mergeLock(was, left, was)).toBe(left)
        expect(mergeLock(was, left, right)).toBe(mergeLock(was, right, left))
      }),
    )
  })
})
