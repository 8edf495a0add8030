import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { jsonEncoder } from '../../src/shared/json-encoder.ts'

const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.integer().map((value) => value / 100),
  fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 10),
  fc.constantFrom(-0, 0.1 + 0.2, 1.005, 21_474_836.47, 21_474_836.48, 1e21, 5e-324, NaN, Infinity),
)

describe('jsonEncoder', () => {
  it('writes every number as JSON.stringify does', () => {
    const encode = jsonEncoder(false)
    fc.assert(
      fc.property(fc.array(numbers), (values) => {
        expect(encode(values).toString()).toBe(JSON.stringify(values))
      }),
      { numRuns: 2000 },
    )
  })

  it('writes every value as JSON.stringify does', () => {
    const encode = jsonEncoder(false)
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, stringUnit: 'binary' }), (text) => {
        expect(encode(JSON.parse(text)).toString()).toBe(
          Buffer.from(JSON.stringify(JSON.parse(text))).toString(),
        )
      }),
    )
  })

  it('puts spaces where Python does, and never into text', () => {
    const value = { 'a,b:': [1, 'x,y:z', { c: -1.5 }], d: {} }
    expect(jsonEncoder(true)(value).toString()).toBe('{"a,b:": [1, "x,y:z", {"c": -1.5}], "d": {}}')
  })

  it('writes values larger than its buffer', () => {
    const value = Array.from({ length: 50_000 }, (_, index) => `${index}ä`)
    expect(jsonEncoder(false)(value).toString()).toBe(JSON.stringify(value))
  })
})
