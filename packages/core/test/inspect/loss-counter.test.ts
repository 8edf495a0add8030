import { describe, expect, it } from '@jest/globals'
import { lossCounter } from '@dsv/core'

describe('lossCounter', () => {
  it('counts by kind, the most frequent first, with three different examples', () => {
    const losses = lossCounter()
    losses.add({ what: 'field: score', where: 'a' })
    for (const where of ['x', 'x', 'y', 'z', 'w']) losses.add({ what: 'annotation: mask', where })
    expect(losses.summary()).toEqual([
      { what: 'annotation: mask', count: 5, examples: ['x', 'y', 'z'] },
      { what: 'field: score', count: 1, examples: ['a'] },
    ])
  })

  it('stays small however many kinds there are', () => {
    const losses = lossCounter()
    for (let at = 0; at < 5000; at += 1) losses.add({ what: `attribute: ${at}`, where: 'a' })
    losses.add({ what: 'attribute: 0', where: 'b' })
    const summary = losses.summary()
    expect(summary).toHaveLength(1001)
    expect(summary[0]).toMatchObject({ what: 'other', count: 4000 })
    expect(summary[1]).toMatchObject({ what: 'attribute: 0', count: 2 })
  })
})
