import { describe, expect, it } from '@jest/globals'
import { decodeObject, encodeObject, isDsvError, toBlobId } from '@dsv/store'
import fc from 'fast-check'

const ids = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => toBlobId(Buffer.from(bytes).toString('hex')))

function readAgain(input: Uint8Array): string {
  try {
    return Buffer.from(encodeObject(decodeObject(input))).toString('hex')
  } catch (error) {
    if (isDsvError(error, 'DSV_OBJECT_CORRUPT')) return 'damaged'
    throw error
  }
}

describe('decodeObject', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(ids, { maxLength: 200 }), fc.uint8Array(), (links, payload) => {
        const decoded = decodeObject(encodeObject({ links, payload }))
        expect(decoded.links).toEqual(links)
        expect(Buffer.from(decoded.linkBytes ?? []).toString('hex')).toBe(links.join(''))
        expect(Buffer.from(decoded.payload)).toEqual(Buffer.from(payload))
      }),
    )
  })

  it('reads any bytes or says that they are damaged', () => {
    const bytes = fc
      .tuple(fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 100 }))
      .map(([version, rest]) => Buffer.concat([Buffer.of(version), rest]))
    fc.assert(
      fc.property(bytes, (input) => {
        expect([input.toString('hex'), 'damaged']).toContain(readAgain(input))
      }),
      { numRuns: 500 },
    )
  })
})
