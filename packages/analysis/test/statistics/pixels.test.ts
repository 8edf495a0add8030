import type { SourceItem } from '@dsv/core'
import { type PixelStatistics, statisticsOf } from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'

/** An image of one colour. */
interface Plain {
  readonly color: string
  readonly size?: number
  readonly isGrey?: boolean
}

async function pngOf({ color, size = 1, isGrey = false }: Plain): Promise<Uint8Array> {
  const image = sharp({ create: { width: size, height: size, channels: 3, background: color } })
  return (isGrey ? image.toColourspace('b-w') : image).png().toBuffer()
}

/** The pixels of images by `subset/id`; bytes as they are, or an image of one colour. */
async function pixelsOf(
  images: Readonly<Record<string, Plain | Uint8Array>>,
): Promise<PixelStatistics | undefined> {
  const files = new Map<string, Uint8Array>()
  for (const [name, given] of Object.entries(images))
    files.set(name, given instanceof Uint8Array ? given : await pngOf(given))
  const items = [...files.keys()].map((name): SourceItem => {
    const [subset = '', id = ''] = name.split('/')
    return { subset, id, media: [{ role: 'primary', kind: 'image', path: name }], layers: {} }
  })
  const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, items)
  const readMedia = async ({ path }: { readonly path: string }): Promise<Uint8Array> =>
    files.get(path) ?? new Uint8Array()
  const { images: found } = await statisticsOf([{ path: 'data', view }], { readMedia })
  return found.pixels
}

describe('pixels of statisticsOf', () => {
  it('have a mean in which every image counts once, whatever the order', async () => {
    const expected = { images: 3, pixels: 3, mean: [30, 30, 30] }
    const [dark, light] = [{ color: 'rgb(0,0,0)' }, { color: 'rgb(90,90,90)' }]
    const one = await pixelsOf({ 'train/a': light, 'train/b': dark, 'train/c': dark })
    const other = await pixelsOf({ 'train/a': dark, 'train/b': dark, 'train/c': light })
    expect(one?.subsets).toMatchObject([{ subset: 'train', ...expected }])
    expect(other).toEqual(one)
    // Squares of 60, 30 and 30, divided by one less than three.
    expect(one?.all?.std?.[0]).toBeCloseTo(Math.sqrt(5400 / 2), 12)
  })

  it('count each pixel once, so that a large image weighs more', async () => {
    const found = await pixelsOf({
      'train/a': { color: 'rgb(100,0,0)' },
      'train/b': { color: 'rgb(0,0,0)', size: 3 },
    })
    expect(found?.all).toMatchObject({ pixels: 10, mean: [10, 0, 0] })
  })

  it('keep channels and subsets apart, and take grey for three equal channels', async () => {
    const found = await pixelsOf({
      'train/a': { color: 'rgb(10,20,30)' },
      'val/b': { color: 'rgb(50,50,50)', isGrey: true },
    })
    expect(found?.subsets).toEqual([
      { subset: 'train', images: 1, pixels: 1, mean: [10, 20, 30], std: null },
      { subset: 'val', images: 1, pixels: 1, mean: [50, 50, 50], std: null },
    ])
    expect(found?.all?.mean).toEqual([30, 35, 40])
  })

  it('are read of BMP, too, and of JPEG as they are stored, whatever its profile says', async () => {
    const bmp = Buffer.alloc(58)
    bmp.write('BM')
    for (const [at, value] of [
      [2, 58],
      [10, 54],
      [14, 40],
      [18, 1],
      [22, 1],
    ] as const)
      bmp.writeUInt32LE(value, at)
    bmp.writeUInt16LE(1, 26)
    bmp.writeUInt16LE(24, 28)
    // Blue, green, red.
    bmp.set([3, 2, 1], 54)
    const color = { r: 200, g: 30, b: 60 }
    const wide = sharp({ create: { width: 8, height: 8, channels: 3, background: color } })
    const plain = await wide.jpeg({ quality: 100 }).toBuffer()
    const profiled = await sharp(plain).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer()
    const stored = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer()
    const found = await pixelsOf({ 'a/bmp': bmp, 'b/jpeg': profiled })
    expect(found?.subsets.map(({ mean }) => mean)).toEqual([
      [1, 2, 3],
      [stored[0], stored[1], stored[2]],
    ])
  })

  it('leave out what is no image, and say so', async () => {
    const found = await pixelsOf({
      'train/a': { color: 'rgb(7,7,7)' },
      'train/b': Buffer.from('no image'),
      'train/c': new Uint8Array(),
    })
    expect(found).toMatchObject({
      all: { images: 1, mean: [7, 7, 7] },
      unread: { count: 2, examples: ['train/b', 'train/c'] },
    })
  })

  it('are null where none could be read', async () => {
    const found = await pixelsOf({ 'train/a': Buffer.from('no image') })
    expect(found).toMatchObject({ all: null, subsets: [], unread: { count: 1 } })
  })
})
