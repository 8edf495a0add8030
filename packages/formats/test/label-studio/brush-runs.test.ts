import { bitmapToCounts } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { brushToMask, maskToBrush } from '../../src/label-studio/brush-runs.ts'

describe('the runs of a brush', () => {
  it('are what Label Studio packs', () => {
    // Two pixels side by side, the right one drawn: 8 bytes, words of 8 bits, then two runs of four.
    const bytes = maskToBrush({ width: 2, height: 1, counts: [1, 1] })
    const bits = [...(bytes ?? [])].map((byte) => byte.toString(2).padStart(8, '0')).join('')
    const head = `${'1000'.padStart(32, '0')} 00111 0010 0011 0111 1111`.replaceAll(' ', '')
    const runs = '1 00 011 00000000 1 00 011 11111111'.replaceAll(' ', '')
    expect(bits.slice(0, head.length + runs.length)).toBe(head + runs)
  })

  it('give the mask that they were made from', () => {
    const masks = fc.integer({ min: 1, max: 12 }).chain((width) =>
      fc
        .array(fc.constantFrom(0, 1), { minLength: width * 5, maxLength: width * 5 })
        .map((bits) => ({
          width,
          height: 5,
          counts: bitmapToCounts(Uint8Array.from(bits)),
        })),
    )
    fc.assert(
      fc.property(masks, (mask) => {
        expect(brushToMask(maskToBrush(mask) ?? new Uint8Array(), mask.width, 5)).toEqual(mask)
      }),
    )
  })

  it('are refused when they are damaged or of another image', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const mask = brushToMask(bytes, 3, 3)
        expect(mask === undefined || mask.width === 3).toBe(true)
      }),
    )
    const bytes = maskToBrush({ width: 2, height: 2, counts: [1, 3] }) ?? new Uint8Array()
    expect(brushToMask(bytes, 3, 2)).toBeUndefined()
    expect(brushToMask(bytes.subarray(0, 8), 2, 2)).toBeUndefined()
    expect(brushToMask(bytes, 2 ** 20, 2 ** 20)).toBeUndefined()
  })
})
