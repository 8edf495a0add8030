import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeNumberList, encodeNumberList } from '../../src/record/number-list.ts'
import { finite } from '../arbitraries.ts'

const decimals = fc
  .tuple(fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }), fc.integer({ min: 0, max: 6 }))
  .map(([digits, places]) => Number(`${digits}e-${places}`))

function encoded(values: readonly number[]): Uint8Array {
  const bytes = encodeNumberList(values)
  if (bytes === undefined) throw new Error('not finite')
  return bytes
}

describe('encodeNumberList', () => {
  it.each([
    ['any float64', finite],
    ['decimals as files have them', decimals],
    ['coordinates', fc.integer({ min: 0, max: 64_000 }).map((hundredths) => hundredths / 100)],
  ])('is undone by decodeNumberList for %s', (_name, number) => {
    fc.assert(
      fc.property(fc.array(number), (values) => {
        const expected = values.map((value) => value + 0)
        expect(decodeNumberList(encoded(values))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [[], ''],
    [[0], '00 00'],
    [[-0, 1, -1, 63, 64], '00 00 02 01 7c 8201'],
    [[0.5, 10.25, 0.75], '02 64 8210 32'],
    [[0.12345], 'ff 7c f2 b0 50 6b 9a bf 3f'],
    [[536_870_911, -536_870_911, -536_870_911], '00 feffffff03 fdffffff03 fbffffff07'],
    [[536_870_912], 'ff 00 00 00 00 00 00 c0 41'],
    [[53_687.0912], 'ff 2d 43 1c eb e2 36 ea 40'],
  ])('stores %j as %s', (values, hex) => {
    expect(Buffer.from(encoded(values)).toString('hex')).toBe(hex.replaceAll(' ', ''))
  })

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY]])('leaves %d to others', (value) => {
    expect(encodeNumberList([1, value])).toBeUndefined()
  })

  it('takes about two bytes for a coordinate of a polygon, not nine', () => {
    const ring = Array.from({ length: 200 }, (_, at) => Math.round(30_000 + 999 * at ** 0.5) / 100)
    expect(encoded(ring).length).toBeLessThan(2.1 * ring.length)
  })
})

describe('decodeNumberList', () => {
  it.each([
    ['an unknown form', '05 00'],
    ['a number cut off', '00 80'],
    ['a number of too many bytes', '00 808080808000'],
    ['a float cut off', 'ff 00 00 00'],
    ['infinity', 'ff 00 00 00 00 00 00 f0 7f'],
  ])('refuses %s', (_name, hex) => {
    expect(decodeNumberList(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBeUndefined()
  })

  it('gives finite numbers or nothing for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeNumberList(bytes)?.every(Number.isFinite) ?? true).toBe(true)
      }),
    )
  })
})
