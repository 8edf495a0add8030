import { countsToBitmap } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import {
  decodeLabelPlane,
  encodeLabelPlane,
  type LabelPlane,
  planeMasks,
  UNLABELLED,
} from '../../src/shared/label-plane.ts'

function planes(max: number): fc.Arbitrary<LabelPlane> {
  const value = fc.oneof(fc.constantFrom(UNLABELLED, 0, 1), fc.integer({ min: UNLABELLED, max }))
  return fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([width, height]) =>
      fc
        .array(value, { minLength: width * height, maxLength: width * height })
        .map((values) => ({ width, height, values: Int32Array.from(values) })),
    )
}

describe('a plane of labels', () => {
  it.each([
    ['grey8', 254],
    ['grey16', 65_534],
    ['rgb8', 2 ** 24 - 2],
  ] as const)('is the same after %s', (storage, max) => {
    fc.assert(
      fc.property(planes(max), (plane) => {
        const png = encodeLabelPlane(plane, (value) => value + 1, storage)
        const less = (value: number): number => value - 1
        expect(decodeLabelPlane(png, 'a.png', { ofIndex: less, ofColor: less })).toEqual(plane)
      }),
    )
  })

  it('is what its masks cover, each pixel once', () => {
    fc.assert(
      fc.property(planes(3), ({ width, height, values }) => {
        const covered = new Int32Array(width * height).fill(UNLABELLED)
        const masks = planeMasks({ width, height, values })
        for (const [value, { counts }] of masks) {
          for (const [at, bit] of countsToBitmap(counts, values.length).entries()) {
            if (bit === 1) covered[at] = value
          }
        }
        expect(covered).toEqual(values)
        expect([...masks.keys()]).toEqual([...masks.keys()].toSorted((a, b) => a - b))
      }),
    )
  })
})
