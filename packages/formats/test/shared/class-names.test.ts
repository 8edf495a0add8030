import type { Loss } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { classNames } from '../../src/shared/class-names.ts'

describe('classNames', () => {
  it('reports categories that names cannot tell apart, and those never used', () => {
    const categories = [
      { key: 'a', name: 'cat' },
      { key: 'b', name: 'cat' },
      { key: 'c', name: '' },
      { key: 'd', name: 'dog' },
    ]
    const losses: Loss[] = []
    const names = classNames({ categories, attributes: [], info: {} }, (loss) => losses.push(loss))
    expect(['b', 'c', 'x', undefined].map((key) => names.use(key))).toEqual([
      'cat',
      undefined,
      undefined,
      undefined,
    ])
    expect(losses).toEqual([
      { what: 'category', where: 'cat: another has this name' },
      { what: 'category', where: 'c: it has no name' },
    ])
    const unused: Loss[] = []
    names.reportUnused(
      (loss) => unused.push(loss),
      (name) => name === '',
    )
    expect(unused).toEqual([{ what: 'category', where: 'dog' }])
  })
})
