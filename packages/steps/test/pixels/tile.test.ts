import { type AnnotatedItem, type AnnotationDraft, areaOf, maskGeometry, readMask } from '@dsv/core'
import { type BlobId, hashBlob } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import sharp from 'sharp'
import { plot, runOnItems, runOnPictures, samplesOf } from '../pictures.ts'
import { annotationsOf, boxOf, keysOf } from '../run-step.ts'

const PATH = 'images/a.png'

describe('tile', () => {
  it('cuts an image along a grid, with what is said of it', async () => {
    const bytes = await plot(10, 7)
    const made = await runOnPictures(
      'tile',
      {
        'train/a': {
          bytes,
          path: PATH,
          annotations: [
            { ...boxOf('car', 1, 1, 2, 2), area: 4 },
            { ...boxOf('car', 4, 2, 2, 2), area: 4, box: [4, 2, 2, 2] },
            { type: 'label', category: 'car' },
            { type: 'points', points: [1, 1, 9, 6], visibility: [2, 2] },
          ],
        },
      },
      { grid: '2x2' },
    )
    expect(keysOf(made)).toEqual([0, 1, 2, 3].map((number) => `train/a_tile_${number}`))
    expect(made.items.map(({ media }) => media[0])).toMatchObject([
      { path: 'images/a_tile_0.png', width: 5, height: 3 },
      { path: 'images/a_tile_1.png', width: 5, height: 3 },
      { path: 'images/a_tile_2.png', width: 5, height: 4 },
      { path: 'images/a_tile_3.png', width: 5, height: 4 },
    ])
    const label = { uid: 'u2', type: 'label', category: 'car' }
    expect(annotationsOf(made, 'train/a_tile_0')).toEqual([
      { uid: 'u0', ...boxOf('car', 1, 1, 2, 2), area: 4 },
      { uid: 'u1', ...boxOf('car', 4, 2, 1, 1), area: 1, box: [4, 2, 1, 1] },
      label,
      { uid: 'u3', type: 'points', points: [1, 1, 0, 0], visibility: [2, 0] },
    ])
    expect(annotationsOf(made, 'train/a_tile_3')).toEqual([
      { uid: 'u1', ...boxOf('car', 0, 0, 1, 1), area: 1, box: [0, 0, 1, 1] },
      label,
      { uid: 'u3', type: 'points', points: [0, 0, 4, 3], visibility: [0, 2] },
    ])
    const whole = await samplesOf(bytes)
    const last = await samplesOf(made.fileOf(made.items[3]))
    for (let y = 0; y < 4; y++)
      expect(last.slice(y * 15, y * 15 + 15)).toEqual(
        whole.slice(((y + 3) * 10 + 5) * 3, ((y + 3) * 10 + 10) * 3),
      )
  })

  it.each([
    [{ size: '4x4' }, [0, 4, 6], [0, 3]],
    [{ size: '4x4', overlap: 0.5 }, [0, 2, 4, 6], [0, 2, 3]],
    [{ size: '20x20' }, [0], [0]],
    [{ grid: '1x3', overlap: 0.4 }, [0, 2, 5], [0]],
    [{ grid: '100x1' }, [0], [0, 1, 2, 3, 4, 5, 6]],
  ])('cuts 10 × 7 with %j', async (options, columns, rows) => {
    const made = await runOnPictures(
      'tile',
      { 'a/b': { bytes: await plot(10, 7), path: PATH } },
      options,
    )
    const regions = made.items.map(({ extra }) => {
      const { dsv } = extra as unknown as { dsv: { tile: { x: number; y: number } } }
      return [dsv.tile.x, dsv.tile.y]
    })
    expect(regions).toEqual(
      [...rows]
        .flatMap((y) => columns.map((x) => [x, y]))
        .toSorted(([, a = 0], [, b = 0]) => a - b),
    )
  })

  it('covers every pixel, whatever the grid or size', async () => {
    const { parseTiling } = await import('../../src/pixels/tile-regions.ts')
    const side = fc.integer({ min: 1, max: 40 })
    const count = fc.integer({ min: 1, max: 9 })
    const overlap = fc.double({ min: 0, max: 0.9, noNaN: true })
    fc.assert(
      fc.property(
        side,
        side,
        count,
        count,
        overlap,
        fc.boolean(),
        (width, height, a, b, share, isGrid) => {
          const text = `${a}x${b}`
          const tiling = parseTiling('tile', {
            grid: isGrid ? text : undefined,
            size: isGrid ? undefined : text,
            overlap: share,
          })
          const seen = new Set<number>()
          for (const region of tiling({ width, height })) {
            expect(region.x + region.width).toBeLessThanOrEqual(width)
            expect(region.y + region.height).toBeLessThanOrEqual(height)
            for (let y = region.y; y < region.y + region.height; y++)
              for (let x = region.x; x < region.x + region.width; x++) seen.add(y * width + x)
          }
          expect(seen.size).toBe(width * height)
        },
      ),
    )
  })

  it('leaves out slivers, and says what became of shapes', async () => {
    const made = await runOnPictures(
      'tile',
      {
        'a/b': {
          bytes: await plot(20, 10),
          path: PATH,
          annotations: [
            boxOf('car', 1, 1, 9.5, 2),
            { type: 'ellipse', cx: 10, cy: 5, rx: 4, ry: 2, angle: 0 },
            { type: 'polyline', points: [0, 0, 15, 0, 5, 9] },
            { type: 'reference', role: 'depth', path: 'd.png' },
          ],
        },
      },
      { grid: '1x2', 'min-kept': 0.2 },
    )
    const [left, right] = made.items.map((item) => annotationsOf({ items: [item] }))
    expect(left?.map(({ type }) => type)).toEqual(['box', 'polygon', 'polyline', 'polyline'])
    expect(new Set(left?.map(({ uid }) => uid)).size).toBe(4)
    expect(right?.map(({ type }) => type)).toEqual(['polygon', 'polyline'])
    expect(made.notes.map(({ what }) => what)).toEqual([
      'ellipse became polygon',
      'reference left out',
      'ellipse became polygon',
      'reference left out',
    ])
  })

  it('drops empty tiles where told, and refuses nonsense', async () => {
    const pictures = {
      'a/b': { bytes: await plot(8, 8), path: PATH, annotations: [boxOf('car', 0, 0, 2, 2)] },
    }
    const made = await runOnPictures('tile', pictures, { grid: '2x2', 'drop-empty': true })
    expect(keysOf(made)).toEqual(['a/b_tile_0'])
    for (const options of [
      {},
      { grid: '2x2', size: '4x4' },
      { grid: '0x2' },
      { grid: '2' },
      { grid: '999x999' },
      { size: '4x4', overlap: 1 },
      { grid: '2x2', 'min-kept': 2 },
    ])
      await expect(runOnPictures('tile', pictures, options)).rejects.toMatchObject({
        code: 'DSV_OPTION_INVALID',
      })
  })
})

describe('untile', () => {
  const drafts: fc.Arbitrary<AnnotationDraft> = fc
    .tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 100 }), fc.nat(3))
    .map(([x10, y10, kind]): AnnotationDraft => {
      const [x, y] = [x10 / 10, y10 / 10]
      if (kind === 0) return boxOf('car', x, y, 4.7, 1.9)
      if (kind === 1) return { type: 'points', points: [x, y, 0, 0], visibility: [2, 0] }
      if (kind === 2) return { type: 'polygon', parts: [[[x, y, x + 4, y, x + 2, y + 1.5]]] }
      return { type: 'label', category: 'car' }
    })

  it('gives back pixels, and what is said of them', async () => {
    const bytes = await plot(20, 12)
    await fc.assert(
      fc.asyncProperty(
        fc.array(drafts, { maxLength: 6 }),
        fc.constantFrom(
          { grid: '2x3' },
          { grid: '3x2', overlap: 0.3 },
          { size: '8x8', overlap: 0.25 },
        ),
        async (annotations, options) => {
          const files = new Map<BlobId, Uint8Array>([[hashBlob(bytes), bytes]])
          const item: AnnotatedItem = {
            subset: 'train',
            id: 'x/a',
            tags: ['rain'],
            extra: { coco: { license: 1 } },
            media: [{ role: 'primary', kind: 'image', path: PATH, blob: hashBlob(bytes) }],
            layers: {
              ground_truth: annotations.map((each, at) => ({ ...each, uid: `u${at}` })),
            },
          }
          const tiles = await runOnItems('tile', [item], { ...options, 'min-kept': 0 }, files)
          const made = await runOnItems('untile', tiles.items, {}, files)
          expect(made.items).toHaveLength(1)
          const [whole] = made.items
          expect(whole).toMatchObject({ subset: 'train', id: 'x/a', tags: ['rain'] })
          expect(whole?.extra).toEqual(item.extra)
          expect(whole?.media[0]).toMatchObject({ path: PATH, width: 20, height: 12 })
          expect(await samplesOf(made.fileOf(whole))).toEqual(await samplesOf(bytes))
          const byUid = new Map(annotationsOf(made).map((each) => [each.uid, each]))
          for (const before of item.layers['ground_truth'] ?? []) {
            const after = byUid.get(before.uid)
            const isWhole = tiles.items.some((tile) =>
              (tile.layers['ground_truth'] ?? []).some(
                (each) => each.uid === before.uid && areaOf(each) >= areaOf(before) - 1e-9,
              ),
            )
            // What no tile shows whole was cut at the edges of tiles or of the image.
            expect(isWhole ? after : before).toEqual(before)
            const area = after === undefined ? 0 : areaOf(after)
            expect(area).toBeLessThanOrEqual(areaOf(before) + 1e-6)
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  it('joins what was cut', async () => {
    const bytes = await plot(20, 12)
    const mask = maskGeometry({ width: 20, height: 12, counts: [60, 120, 60] })
    const annotations: AnnotationDraft[] = [
      { ...boxOf('car', 3, 2, 14.5, 7), area: 101.5 },
      {
        type: 'polygon',
        parts: [
          [
            [2, 2, 18, 2, 18, 10, 2, 10],
            [5, 4, 15, 4, 15, 8, 5, 8],
          ],
        ],
      },
      mask,
      { type: 'points', points: [1, 1, 19, 11], visibility: [1, 2] },
    ]
    const tiles = await runOnPictures(
      'tile',
      { 'a/b': { bytes, path: PATH, annotations } },
      { grid: '2x2' },
    )
    const files = new Map<BlobId, Uint8Array>(
      tiles.items.map((item) => [hashBlob(tiles.fileOf(item)), tiles.fileOf(item)]),
    )
    const made = await runOnItems('untile', tiles.items, {}, files)
    const [box, polygon, joined, points] = annotationsOf(made)
    expect(box).toEqual({ uid: 'u0', ...annotations[0] })
    expect(polygon && areaOf(polygon)).toBeCloseTo(16 * 8 - 10 * 4, 6)
    expect(joined?.type === 'mask' && readMask(joined)?.counts).toEqual([60, 120, 60])
    expect(points).toEqual({ uid: 'u3', ...annotations[3] })
    expect(made.notes).toEqual([])
  })

  it('leaves other items alone, says what is missing, and cuts and joins twice', async () => {
    const bytes = await plot(16, 16)
    const files = new Map<BlobId, Uint8Array>([[hashBlob(bytes), bytes]])
    const item = (id: string, extra?: AnnotatedItem['extra']): AnnotatedItem => ({
      subset: 'a',
      id,
      media: [{ role: 'primary', kind: 'image', path: PATH, blob: hashBlob(bytes) }],
      layers: {},
      ...(extra !== undefined && { extra }),
    })
    const once = await runOnItems('tile', [item('x')], { grid: '2x2' }, files)
    const twice = await runOnItems('tile', once.items, { grid: '2x1' }, files)
    expect(twice.items).toHaveLength(8)
    const back = await runOnItems('untile', twice.items, {}, files)
    expect(keysOf(back)).toEqual(keysOf(once))
    const hostile = {
      dsv: {
        tile: { id: 'x', path: 'p', number: 0, count: 1, x: -1, y: 0, width: 1e300, height: 2 },
      },
    }
    const partly = await runOnItems(
      'untile',
      [...once.items.slice(1), item('y'), item('z', hostile)],
      {},
      files,
    )
    expect(keysOf(partly)).toEqual(['a/x', 'a/y', 'a/z'])
    expect(partly.notes.map(({ what }) => what)).toEqual([
      'tile is missing: black, and without annotations',
      'item left as it is: nothing says where it was cut from',
      'item left as it is: nothing says where it was cut from',
    ])
    expect((await samplesOf(partly.fileOf(partly.items[0]))).slice(0, 24)).toEqual(
      Array(24).fill(0),
    )
  })

  it('keeps deep samples and transparency', async () => {
    const deep = await sharp(
      Uint16Array.from({ length: 64 * 3 }, (_, at) => at * 300),
      {
        raw: { width: 8, height: 8, channels: 3 },
      },
    )
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    const clear = await sharp(
      Uint8Array.from({ length: 64 * 4 }, (_, at) => (at * 53) % 256),
      {
        raw: { width: 8, height: 8, channels: 4 },
      },
    )
      .png()
      .toBuffer()
    const files = new Map<BlobId, Uint8Array>([deep, clear].map((each) => [hashBlob(each), each]))
    const items = [deep, clear].map((each, at): AnnotatedItem => ({
      subset: 'a',
      id: `${at}`,
      media: [{ role: 'primary', kind: 'image', path: `${at}.png`, blob: hashBlob(each) }],
      layers: {},
    }))
    const tiles = await runOnItems('tile', items, { grid: '2x2' }, files)
    const made = await runOnItems('untile', tiles.items, {}, files)
    const raw = async (bytes: Uint8Array): Promise<Buffer> =>
      sharp(bytes).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
    for (const [at, bytes] of [deep, clear].entries())
      expect((await raw(made.fileOf(made.items[at]))).equals(await raw(bytes))).toBe(true)
  })

  it('leaves samples with a colour profile as they are, and the profile with them', async () => {
    const bytes = await sharp(await plot(8, 4))
      .withIccProfile('p3')
      .png()
      .toBuffer()
    const pictures = { 'a/b': { bytes, path: PATH } }
    const made = await runOnPictures('tile', pictures, { grid: '2x1' })
    const whole = await samplesOf(bytes)
    for (const [at, item] of made.items.entries()) {
      expect(await samplesOf(made.fileOf(item))).toEqual(whole.slice(at * 48, at * 48 + 48))
      expect((await sharp(made.fileOf(item)).metadata()).icc).toBeDefined()
    }
  })
})
