import {
  areaOf,
  boundsOf,
  clipGeometry,
  countsToBitmap,
  cropMask,
  bitmapToCounts,
  type Geometry,
  type Mask,
  maskArea,
  mergeMasks,
  moveGeometry,
  polygonToMask,
  resizeMask,
  scaleGeometry,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { geometry } from '../../arbitraries.ts'

const SIZE = { width: 12, height: 10 }

const masks: fc.Arbitrary<Mask> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
      .map((bitmap) => ({ width, height, counts: bitmapToCounts(bitmap) })),
  )

/** Pixels by name, as the slow and plain way sees them. */
function isSet({ width, height, counts }: Mask, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= width || y >= height) return false
  return countsToBitmap(counts, width * height)[x * height + y] === 1
}

function maskOf(width: number, height: number, at: (x: number, y: number) => boolean): Mask {
  const bitmap = new Uint8Array(width * height)
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) bitmap[x * height + y] = at(x, y) ? 1 : 0
  return { width, height, counts: bitmapToCounts(bitmap) }
}

/** A polygon that does not cross itself: corners around a middle, and the same at half the size as a hole. */
const stars = fc
  .record({
    cx: fc.double({ min: -10, max: 50, noNaN: true }),
    cy: fc.double({ min: -10, max: 50, noNaN: true }),
    radii: fc.array(fc.double({ min: 3, max: 25, noNaN: true }), { minLength: 3, maxLength: 9 }),
    hasHole: fc.boolean(),
  })
  .map(({ cx, cy, radii, hasHole }) => {
    const ring = (share: number): number[] =>
      radii.flatMap((radius, index) => {
        const angle = (2 * Math.PI * index) / radii.length
        return [cx + share * radius * Math.cos(angle), cy + share * radius * Math.sin(angle)]
      })
    return [hasHole ? [ring(1), ring(0.5)] : [ring(1)]]
  })

describe('cropMask', () => {
  it('takes the pixels of a region, background outside of the mask', () => {
    const offset = fc.integer({ min: -6, max: 6 })
    const size = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(masks, offset, offset, size, size, (mask, x, y, width, height) => {
        expect(cropMask(mask, x, y, width, height)).toEqual(
          maskOf(width, height, (column, row) => isSet(mask, x + column, y + row)),
        )
      }),
    )
  })

  it('takes no time for a mask that claims to be huge', () => {
    const mask = { width: 2 ** 40, height: 2 ** 10, counts: [5, 2 ** 50 - 10] }
    expect(maskArea(cropMask(mask, 0, 0, 100, 10))).toBe(995)
  })
})

describe('resizeMask', () => {
  it('takes the pixel that holds the middle of each new one', () => {
    const size = fc.integer({ min: 1, max: 13 })
    fc.assert(
      fc.property(masks, size, size, (mask, width, height) => {
        const column = (x: number): number => Math.floor(((x + 0.5) * mask.width) / width)
        const row = (y: number): number => Math.floor(((y + 0.5) * mask.height) / height)
        expect(resizeMask(mask, width, height)).toEqual(
          maskOf(width, height, (x, y) => isSet(mask, column(x), row(y))),
        )
      }),
    )
  })
})

describe('scaleGeometry', () => {
  it('scales areas as it scales the image', () => {
    const side = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(geometry, side, side, (shape, width, height) => {
        fc.pre(shape.type !== 'mask' && shape.type !== 'panoptic-segment')
        const factor = (width * height) / (SIZE.width * SIZE.height)
        const scaled = scaleGeometry(shape, SIZE, { width, height })
        expect(areaOf(scaled)).toBeCloseTo(areaOf(shape) * factor, 6)
      }),
    )
  })

  it('comes back when the image does', () => {
    const side = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(geometry, side, side, (shape, width, height) => {
        fc.pre(shape.type !== 'mask' && shape.type !== 'panoptic-segment')
        const size = { width, height }
        const back = scaleGeometry(scaleGeometry(shape, SIZE, size), size, SIZE)
        const [found, wanted] = [boundsOf(back), boundsOf(shape)]
        for (const [index, number] of (wanted ?? []).entries())
          expect(found?.[index]).toBeCloseTo(number, 6)
      }),
    )
  })

  it('keeps the points of a turned ellipse on the stretched one', () => {
    const ellipse = { type: 'ellipse', cx: 6, cy: 5, rx: 4, ry: 2, angle: 0.7 } as const
    const scaled = scaleGeometry(ellipse, SIZE, { width: 36, height: 10 })
    expect(scaled.type).toBe('ellipse')
    const before = boundsOf(ellipse) ?? []
    const after = boundsOf(scaled) ?? []
    for (const [index, number] of before.entries())
      expect(after[index]).toBeCloseTo(number * (index % 2 === 0 ? 3 : 1), 9)
  })

  it('changes an ellipse little where the image changes little', () => {
    const radius = fc.integer({ min: 1, max: 9 })
    const angle = fc.double({ min: -7, max: 7, noNaN: true })
    fc.assert(
      fc.property(radius, radius, angle, (rx, ry, turn) => {
        fc.pre(rx !== ry)
        const ellipse = { type: 'ellipse', cx: 6, cy: 5, rx, ry, angle: turn } as const
        const scaled = scaleGeometry(ellipse, SIZE, { width: 12.001, height: 10 })
        for (const name of ['rx', 'ry', 'angle'] as const)
          expect(scaled.type === 'ellipse' && scaled[name]).toBeCloseTo(ellipse[name], 2)
      }),
    )
  })

  it('makes a quad of a rotated box only where it has to', () => {
    const box = { type: 'rotated-box', cx: 6, cy: 5, width: 4, height: 2, angle: 0.5 } as const
    expect(scaleGeometry(box, SIZE, { width: 24, height: 20 })).toEqual({
      ...box,
      cx: 12,
      cy: 10,
      width: 8,
      height: 4,
    })
    const standing = { ...box, angle: Math.PI / 2 }
    const wide = { width: 36, height: 10 }
    expect(scaleGeometry(standing, SIZE, wide)).toEqual({ ...standing, cx: 18, height: 6 })
    expect(scaleGeometry(box, SIZE, wide).type).toBe('quad')
    const image = { width: 1333, height: 801 }
    const half = scaleGeometry(box, image, { width: 667, height: 401 })
    expect(half.type).toBe('rotated-box')
    const before = boundsOf(scaleGeometry(box, image, { width: 666.5, height: 400.5 })) ?? []
    for (const [at, number] of (boundsOf(half) ?? []).entries())
      expect(Math.abs(number - (before[at] ?? 0))).toBeLessThan(0.01)
  })
})

describe('moveGeometry', () => {
  it('comes back, but for masks that left the image', () => {
    const step = fc.integer({ min: -9, max: 9 })
    fc.assert(
      fc.property(geometry, step, step, (shape, dx, dy) => {
        fc.pre(shape.type !== 'mask' && shape.type !== 'panoptic-segment')
        const back = moveGeometry(moveGeometry(shape, dx, dy, SIZE), -dx, -dy, SIZE)
        expect(boundsOf(back)).toEqual(boundsOf(shape))
        expect(Object.keys(back)).toEqual(Object.keys(shape))
      }),
    )
  })

  it('gives decimals back', () => {
    const box = { type: 'box', x: 0.1, y: 7.33, width: 1, height: 1 } as const
    expect(moveGeometry(moveGeometry(box, -50, 1000, SIZE), 50, -1000, SIZE)).toEqual(box)
  })

  it('leaves absent points alone', () => {
    const points = { type: 'points', points: [0, 0, 3, 4], visibility: [0, 2] } as const
    expect(moveGeometry(points, 5, 6, SIZE)).toEqual({ ...points, points: [0, 0, 8, 10] })
  })
})

describe('clipGeometry', () => {
  it('keeps what lies inside as it is, and never anything outside', () => {
    fc.assert(
      fc.property(geometry, (shape) => {
        fc.pre(shape.type !== 'cuboid-2d' && shape.type !== 'mask')
        fc.pre(shape.type !== 'panoptic-segment')
        const pieces = clipGeometry(shape, SIZE)
        const bounds = boundsOf(shape)
        if (bounds === undefined) return
        const [x, y, width, height] = bounds
        const isInside = x >= 0 && y >= 0 && x + width <= SIZE.width && y + height <= SIZE.height
        expect(pieces).toEqual(isInside ? [shape] : pieces)
        for (const piece of pieces) {
          const [left = 0, top = 0, across = 0, down = 0] = boundsOf(piece) ?? []
          expect(Math.min(left, top)).toBeGreaterThanOrEqual(0)
          expect(left + across).toBeLessThanOrEqual(SIZE.width + 1e-9)
          expect(top + down).toBeLessThanOrEqual(SIZE.height + 1e-9)
        }
      }),
    )
  })

  it('never adds area', () => {
    const boxes = geometry.filter(({ type }) => ['box', 'rotated-box', 'ellipse'].includes(type))
    const shapes = fc.oneof(
      boxes,
      stars.map((parts): Geometry => ({ type: 'polygon', parts })),
    )
    fc.assert(
      fc.property(shapes, (shape) => {
        const area = clipGeometry(shape, SIZE).reduce((sum, piece) => sum + areaOf(piece), 0)
        expect(area).toBeLessThanOrEqual(areaOf(shape) + 1e-6)
      }),
    )
  })

  it('cuts a polygon with holes to the pixels that are cut from its mask', () => {
    const image = { width: 40, height: 40 }
    fc.assert(
      fc.property(stars, (parts) => {
        const whole = polygonToMask(
          parts.map((part) => part.map((ring) => ring.map((value) => value + 40))),
          120,
          120,
        )
        const [piece] = clipGeometry({ type: 'polygon', parts }, image)
        const cut = piece?.type === 'polygon' ? polygonToMask(piece.parts, 40, 40) : undefined
        if (whole === undefined) throw new Error('too large')
        const expected = cropMask(whole, 40, 40, 40, 40)
        const found = cut ?? { ...image, counts: [1600] }
        const differing =
          maskArea(mergeMasks([found, expected], 'union')) -
          maskArea(mergeMasks([found, expected], 'intersection'))
        // Corners that are new are rounded to fifths of a pixel, which moves an edge by less than a pixel.
        expect(differing).toBeLessThanOrEqual(30)
      }),
    )
  })

  it('cuts a line into the stretches inside', () => {
    const line = { type: 'polyline', points: [-5, 5, 5, 5, 5, 20, 8, 20, 8, 5] } as const
    expect(clipGeometry(line, SIZE)).toEqual([
      { type: 'polyline', points: [0, 5, 5, 5, 5, 10] },
      { type: 'polyline', points: [8, 10, 8, 5] },
    ])
  })

  it('joins the stretch of a closed line that goes through its first point', () => {
    const line = { type: 'polyline', points: [5, 5, 20, 5, 20, 8, 5, 8], closed: true } as const
    expect(clipGeometry(line, SIZE)).toEqual([
      { type: 'polyline', points: [12, 8, 5, 8, 5, 5, 12, 5] },
    ])
  })

  it('makes points outside absent, and drops points of which none is left', () => {
    const points = { type: 'points', points: [1, 2, 30, 4], visibility: [2, 1] } as const
    expect(clipGeometry(points, SIZE)).toEqual([
      { ...points, points: [1, 2, 0, 0], visibility: [2, 0] },
    ])
    expect(clipGeometry({ ...points, points: [50, 2, 30, 4] }, SIZE)).toEqual([])
  })

  it('gives up no polygon, however it crosses itself', () => {
    const ring = Array.from({ length: 1500 }, (_, index) => ((index * 7919) % 997) / 10)
    const [piece] = clipGeometry({ type: 'polygon', parts: [[ring]] }, SIZE)
    expect(piece?.type).toBe('polygon')
    const nowhere = { type: 'polygon', parts: [[[Number.NaN, 1, 2, Infinity]]] } as const
    expect(clipGeometry(nowhere, SIZE)).toEqual([])
  })
})
