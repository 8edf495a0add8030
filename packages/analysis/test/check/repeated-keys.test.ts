import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { repeatedKeys } from '../../src/check/repeated-keys.ts'

describe('repeatedKeys', () => {
  it('finds all keys that occur twice, and hardly any other', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), (keys) => {
        const repeated = repeatedKeys()
        for (const key of keys) repeated.add(key)
        const twice = new Set(keys.filter((key, at) => keys.indexOf(key) !== at))
        expect(repeated.hasRepeated()).toBe(twice.size > 0)
        for (const key of keys) expect(repeated.isRepeated(key)).toBe(twice.has(key))
      }),
    )
  })

  it('tells 100,000 numbers apart, more than one chunk', () => {
    const repeated = repeatedKeys()
    for (let id = 0; id < 100_000; id++) repeated.add(`number ${id} train`)
    expect(repeated.hasRepeated()).toBe(false)
    repeated.add('number 7 train')
    expect(repeated.isRepeated('number 8 train')).toBe(false)
  })
})
