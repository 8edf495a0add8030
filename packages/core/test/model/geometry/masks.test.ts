import { readFileSync } from 'node:fs'
import {
  bitmapToCounts,
  countsToBitmap,
  formatCounts,
  type Mask,
  maskArea,
  maskBounds,
  maskGeometry,
  maskIou,
  maskToPolygon,
  mergeMasks,
  parseCounts,
  partsArea,
  polygonToMask,
  readMask,
  ringArea,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'

interface Case {
  readonly width: number
  readonly height: number
  readonly rings: readonly (readonly number[])[]
  readonly union: string
  readonly intersection: string
  readonly area: number
  readonly box: readonly number[]
  readonly other: string
  readonly iou: number
  readonly crowdIou: number
}

const CASES: readonly Case[] = JSON.parse(
  readFileSync(new URL('../fixtures/coco-masks/expected.json', import.meta.url), 'utf8'),
)

const mask: fc.Arbitrary<Mask> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
      .map((bitmap) => ({ width, height, counts: bitmapToCounts(bitmap) })),
  )

function bitmapOf({ width, height, counts }: Mask): Uint8Array {
  return countsToBitmap(counts, width * height)
}

describe('masks, compared with pycocotools', () => {
  it('are rasterised, joined and measured to the same bits', () => {
    const found = CASES.map(({ width, height, rings, other }) => {
      const union = polygonToMask(
        rings.map((ring) => [ring]),
        width,
        height,
      )
      const masks = rings.flatMap((ring) => polygonToMask([[ring]], width, height) ?? [])
      const second = readMask({ width, height, counts: other })
      if (union === undefined || second === undefined) throw new Error('not a mask')
      return {
        width,
        height,
        rings,
        union: maskGeometry(union).counts,
        intersection: maskGeometry(mergeMasks(masks, 'intersection')).counts,
        area: maskArea(union),
        box: maskBounds(union),
        other: maskGeometry(second).counts,
        iou: maskIou(union, second),
        crowdIou: maskIou(union, second, true),
      }
    })
    expect(found).toEqual(CASES)
  })
})

describe('formatCounts', () => {
  it('is undone by parseCounts, up to 2⁴⁰ pixels', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(70), fc.nat({ max: 2 ** 40 }))), (counts) => {
        expect(parseCounts(formatCounts(counts))).toEqual(counts)
      }),
    )
  })
})

describe('parseCounts', () => {
  it('of any text returns runs that are not negative, or undefined', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const counts = parseCounts(text) ?? []
        expect(counts.every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true)
      }),
    )
  })

  it.each(['0\u0000', 'p', 'P', 'oooooooooooooooooooo', 'O'])('refuses %j', (text) => {
    expect(parseCounts(text)).toBeUndefined()
  })
})

describe('readMask', () => {
  it.each([
    [-1, 4],
    [Number.NaN, 4],
    [1.5, 2],
    [2 ** 40, 2 ** 40],
  ])('refuses a size of %d × %d', (width, height) => {
    expect(readMask({ width, height, counts: '0' })).toBeUndefined()
  })

  it('cuts runs that go beyond the last pixel', () => {
    expect(readMask({ width: 2, height: 2, counts: formatCounts([1, 9, 9]) })?.counts).toEqual([
      1, 3,
    ])
  })
})

describe('mergeMasks', () => {
  it('does pixel by pixel what its name says', () => {
    fc.assert(
      fc.property(mask, fc.infiniteStream(fc.nat(1)), (a, bits) => {
        const pixels = Uint8Array.from({ length: a.width * a.height }, () => bits.next().value ?? 0)
        const b = { ...a, counts: bitmapToCounts(pixels) }
        const [left, right] = [bitmapOf(a), bitmapOf(b)]
        expect(bitmapOf(mergeMasks([a, b], 'union'))).toEqual(
          left.map((bit, index) => bit | (right[index] ?? 0)),
        )
        expect(bitmapOf(mergeMasks([a, b], 'intersection'))).toEqual(
          left.map((bit, index) => bit & (right[index] ?? 0)),
        )
        expect(bitmapOf(mergeMasks([a, b], 'difference'))).toEqual(
          left.map((bit, index) => bit & ~(right[index] ?? 0)),
        )
      }),
    )
  })
})

describe('maskToPolygon', () => {
  it('is undone by polygonToMask, and has the area of the mask', () => {
    fc.assert(
      fc.property(mask, (value) => {
        const parts = maskToPolygon(value)?.parts ?? []
        expect(polygonToMask(parts, value.width, value.height)?.counts).toEqual(
          value.counts.at(-1) === 0 ? value.counts.slice(0, -1) : value.counts,
        )
        expect(partsArea(parts)).toBe(maskArea(value))
      }),
      { numRuns: 500 },
    )
  })

  it('gives a ring its hole, and an island in the hole a part of its own', () => {
    const rows = ['#####', '#...#', '#.#.#', '#...#', '#####']
    const bitmap = Uint8Array.from(rows.join(''), (pixel) => (pixel === '#' ? 1 : 0))
    const value = { width: 5, height: 5, counts: bitmapToCounts(bitmap) }
    const parts = maskToPolygon(value)?.parts ?? []
    expect(parts.map((part) => part.map(ringArea))).toEqual([[25, -9], [1]])
  })

  it('gives up on masks that are too big to trace', () => {
    expect(maskToPolygon({ width: 2 ** 25, height: 1, counts: [0, 2 ** 25] })).toBeUndefined()
    expect(maskToPolygon({ width: 1, height: 2 ** 40, counts: [0, 2 ** 40] })).toBeUndefined()
  })
})

describe('polygonToMask', () => {
  it('returns for any numbers, quickly', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(1e308, -1e308, Number.NaN, Infinity))
    fc.assert(
      fc.property(fc.array(number, { maxLength: 12 }), (ring) => {
        const value = polygonToMask([[ring]], 30, 20)
        expect(maskArea(value ?? { width: 0, height: 0, counts: [] })).toBeLessThanOrEqual(600)
      }),
    )
    expect(polygonToMask([[[0, 0, 1e9, 5, 1e9, 1e9]]], 1e9, 10)).toBeUndefined()
  })

  it('takes holes out', () => {
    const outer = [0, 0, 10, 0, 10, 10, 0, 10]
    const hole = [2, 2, 4, 2, 4, 4, 2, 4]
    expect(
      maskArea(polygonToMask([[outer, hole]], 12, 12) ?? { width: 0, height: 0, counts: [] }),
    ).toBe(96)
  })
})
