import { maskGeometry, readMask } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { plot, runOnPictures, samplesOf } from '../pictures.ts'
import { annotationsOf, boxOf } from '../run-step.ts'

const PATH = 'images/a.png'

describe('resize', () => {
  it('scales every shape with its picture', async () => {
    const bytes = await plot(20, 10)
    const mask = maskGeometry({ width: 20, height: 10, counts: [100, 50, 50] })
    const made = await runOnPictures(
      'resize',
      {
        'train/a': {
          bytes,
          path: PATH,
          annotations: [
            { ...boxOf('car', 2, 1, 6, 4), area: 24, box: [2, 1, 6, 4] },
            {
              type: 'polygon',
              parts: [
                [
                  [0, 0, 10, 0, 10, 5],
                  [2, 1, 4, 1, 4, 2],
                ],
              ],
            },
            { type: 'points', points: [5, 5, 0, 0], visibility: [2, 0] },
            { type: 'ellipse', cx: 10, cy: 5, rx: 4, ry: 2, angle: 0 },
            { type: 'rotated-box', cx: 10, cy: 5, width: 4, height: 2, angle: 0.3 },
            mask,
            { type: 'cuboid-2d', points: [0, 0, 2, 0, 2, 2, 0, 2, 1, 1, 3, 1, 3, 3, 1, 3] },
            { type: 'label', category: 'car' },
          ],
        },
      },
      { width: 40, height: 30 },
    )
    const [box, polygon, points, ellipse, rotated, scaledMask, cuboid, label] = annotationsOf(made)
    expect(box).toMatchObject({ x: 4, y: 3, width: 12, height: 12, area: 144, box: [4, 3, 12, 12] })
    expect(polygon).toMatchObject({
      parts: [
        [
          [0, 0, 20, 0, 20, 15],
          [4, 3, 8, 3, 8, 6],
        ],
      ],
    })
    expect(points).toMatchObject({ points: [10, 15, 0, 0], visibility: [2, 0] })
    expect(ellipse).toMatchObject({ cx: 20, cy: 15, rx: 8, ry: 6 })
    expect(rotated?.type).toBe('quad')
    expect(scaledMask).toMatchObject({ width: 40, height: 30 })
    expect(scaledMask?.type === 'mask' && readMask(scaledMask)?.counts).toEqual([600, 300, 300])
    expect(cuboid).toMatchObject({ points: expect.arrayContaining([6, 9]) })
    expect(label).toEqual({ uid: 'u7', type: 'label', category: 'car' })
    expect(made.notes).toEqual([{ what: 'rotated-box became quad', where: 'train/a' }])
    const [medium] = made.items[0]?.media ?? []
    expect(medium).toMatchObject({ path: PATH, width: 40, height: 30, kind: 'image' })
    expect(await sharp(made.fileOf(made.items[0])).metadata()).toMatchObject({
      width: 40,
      height: 30,
    })
  })

  it('takes the nearest pixels where told, exactly', async () => {
    const bytes = await plot(4, 2)
    const made = await runOnPictures(
      'resize',
      { 'a/b': { bytes, path: PATH } },
      { scale: 2, kernel: 'nearest' },
    )
    const before = await samplesOf(bytes)
    const after = await samplesOf(made.fileOf(made.items[0]))
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 8; x++) {
        const old = (Math.floor(y / 2) * 4 + Math.floor(x / 2)) * 3
        expect(after.slice((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)).toEqual(
          before.slice(old, old + 3),
        )
      }
  })

  it.each([
    [{ width: 50 }, 50, 25],
    [{ height: 7 }, 14, 7],
    [{ scale: 0.25 }, 25, 13],
    [{ scale: 0.001 }, 1, 1],
    [{ width: 30, height: 30, fit: 'inside' }, 30, 15],
    [{ width: 200, height: 30, fit: 'inside' }, 60, 30],
    [{ width: 30, height: 30, fit: 'letterbox' }, 30, 30],
  ])('makes of 100 × 50 with %j %d × %d', async (options, width, height) => {
    const bytes = await plot(100, 50)
    const made = await runOnPictures('resize', { 'a/b': { bytes, path: PATH } }, options)
    expect(made.items[0]?.media[0]).toMatchObject({ width, height })
  })

  it('puts bars around a letterboxed picture, and its shapes where it lies', async () => {
    const white = await sharp({
      create: { width: 100, height: 50, channels: 3, background: '#fff' },
    })
      .png()
      .toBuffer()
    const made = await runOnPictures(
      'resize',
      { 'a/b': { bytes: white, path: PATH, annotations: [boxOf('car', 0, 0, 100, 50)] } },
      { width: 20, height: 21, fit: 'letterbox', fill: 114 },
    )
    expect(annotationsOf(made)).toMatchObject([{ x: 0, y: 5, width: 20, height: 10 }])
    const samples = await samplesOf(made.fileOf(made.items[0]))
    const rows = Array.from({ length: 21 }, (_, y) => samples[y * 20 * 3])
    expect(rows).toEqual([...Array(5).fill(114), ...Array(10).fill(255), ...Array(6).fill(114)])
  })

  it('keeps codec, depth, colours, profile and orientation of the file', async () => {
    const deep = await sharp(
      Uint16Array.from({ length: 64 }, (_, at) => at * 1000),
      {
        raw: { width: 8, height: 8, channels: 1 },
      },
    )
      .toColourspace('grey16')
      .png()
      .toBuffer()
    const turned = await sharp(await plot(8, 6))
      .withMetadata({ orientation: 6 })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    const made = await runOnPictures(
      'resize',
      {
        'a/deep': { bytes: deep, path: 'deep.png' },
        'a/turned': { bytes: turned, path: 'turned.JPG', annotations: [boxOf('car', 0, 0, 4, 6)] },
      },
      { scale: 0.5 },
    )
    const [first, second] = made.items
    expect(await sharp(made.fileOf(first)).metadata()).toMatchObject({
      format: 'png',
      depth: 'ushort',
      channels: 1,
    })
    const { icc, ...meta } = await sharp(made.fileOf(second)).metadata()
    expect(meta).toMatchObject({ format: 'jpeg', orientation: 6, width: 4, height: 3 })
    expect(icc).toBeDefined()
    expect(second?.media[0]).toMatchObject({
      path: 'turned.JPG',
      orientation: 6,
      width: 4,
      height: 3,
    })
    expect(annotationsOf(made, 'a/turned')).toMatchObject([{ x: 0, y: 0, width: 2, height: 3 }])
  })

  it('reads BMP, and writes PNG', async () => {
    const header = Buffer.alloc(54)
    header.write('BM')
    header.writeUInt32LE(54, 10)
    header.writeUInt32LE(40, 14)
    header.writeInt32LE(2, 18)
    header.writeInt32LE(1, 22)
    header.writeUInt16LE(1, 26)
    header.writeUInt16LE(24, 28)
    const bytes = Buffer.concat([header, Buffer.from([3, 2, 1, 6, 5, 4, 0, 0])])
    const options = { scale: 2, kernel: 'nearest' }
    const made = await runOnPictures('resize', { 'a/b': { bytes, path: 'images/b.bmp' } }, options)
    expect(made.items[0]?.media[0]).toMatchObject({ path: 'images/b.png', width: 4, height: 2 })
    expect((await samplesOf(made.fileOf(made.items[0]))).slice(0, 12)).toEqual([
      1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6,
    ])
  })

  it('leaves items as they are of which there is no picture, and says so', async () => {
    const broken = new TextEncoder().encode('no picture')
    const cut = (
      await sharp(await plot(200, 200))
        .jpeg()
        .toBuffer()
    ).subarray(0, 900)
    const made = await runOnPictures(
      'resize',
      {
        'a/broken': { bytes: broken, path: 'broken.png' },
        'a/cut': { bytes: cut, path: 'cut.jpg', annotations: [boxOf('car')] },
        'a/none': { bytes: broken, path: 'none', changes: { media: [] } },
      },
      { width: 10 },
    )
    expect(made.notes).toEqual([
      { what: 'item left as it is: its image cannot be decoded', where: 'a/broken' },
      { what: 'item left as it is: its image cannot be decoded', where: 'a/cut' },
      { what: 'item left as it is: it has no image', where: 'a/none' },
    ])
    expect(annotationsOf(made, 'a/cut')).toMatchObject([{ width: 4, height: 2 }])
  })

  it('leaves items as they are whose missing image has no pixels', async () => {
    const gone = { path: 'gone.jpg', role: 'primary', kind: 'image', width: 0, height: 0 } as const
    // Without this the view would say that there is a file.
    const media = [{ ...gone, ...({ blob: undefined } as object) }]
    const made = await runOnPictures(
      'resize',
      { 'a/gone': { bytes: await plot(1, 1), path: PATH, changes: { media } } },
      { width: 10 },
    )
    expect(made.items[0]?.media).toEqual([gone])
    expect(made.notes).toEqual([
      { what: 'item left as it is: its image is missing, and so is its size', where: 'a/gone' },
    ])
  })

  it.each([
    [{}],
    [{ width: 0 }],
    [{ width: 1.5 }],
    [{ width: 1e9 }],
    [{ scale: -1 }],
    [{ scale: 2, width: 10 }],
    [{ width: 10, fit: 'inside' }],
    [{ width: 10, quality: 0 }],
    [{ width: 10, fill: 300 }],
  ])('refuses %j', async (options) => {
    const bytes = await plot(2, 2)
    await expect(
      runOnPictures('resize', { 'a/b': { bytes, path: PATH } }, options),
    ).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })
})
