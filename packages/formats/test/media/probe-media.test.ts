import type { Folder, OpenFile } from '@dsv/core'
import { isImagePath, probeMedia } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import sharp from 'sharp'
import { memoryFolder } from '../memory-folder.ts'

const image = sharp({ create: { width: 37, height: 21, channels: 3, background: 'red' } })
const withAlpha = image.clone().ensureAlpha(0.5)

async function probed(bytes: Uint8Array, path = 'a.jpg'): ReturnType<typeof probeMedia> {
  return probeMedia(memoryFolder([[path, bytes]]), path)
}

/** A little-endian BITMAPINFOHEADER with rows from top to bottom. */
function bmp(): Buffer {
  const bytes = Buffer.alloc(54)
  bytes.write('BM')
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(37, 18)
  bytes.writeInt32LE(-21, 22)
  bytes.writeUInt16LE(24, 28)
  return bytes
}

describe('probeMedia', () => {
  it.each([
    ['JPEG', () => image.clone().jpeg().toBuffer(), 3],
    ['progressive JPEG', () => image.clone().jpeg({ progressive: true }).toBuffer(), 3],
    ['grey JPEG', () => image.clone().greyscale().toColourspace('b-w').jpeg().toBuffer(), 1],
    ['PNG', () => image.clone().png().toBuffer(), 3],
    ['PNG with alpha', () => withAlpha.clone().png().toBuffer(), 4],
    ['grey PNG', () => image.clone().greyscale().toColourspace('b-w').png().toBuffer(), 1],
    ['palette PNG', () => image.clone().png({ palette: true }).toBuffer(), 3],
    ['WebP', () => image.clone().webp().toBuffer(), 3],
    ['lossless WebP', () => image.clone().webp({ lossless: true }).toBuffer(), 3],
    ['WebP with alpha', () => withAlpha.clone().webp().toBuffer(), 4],
    ['GIF', () => image.clone().gif().toBuffer(), 3],
    ['TIFF', () => image.clone().tiff().toBuffer(), 3],
    ['BMP', async () => bmp(), 3],
  ])('reads the size of a %s', async (_, make, channels) => {
    expect(await probed(await make())).toEqual({ kind: 'image', width: 37, height: 21, channels })
  })

  it('tells the orientation of a JPEG and leaves its size as stored', async () => {
    const bytes = await image.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(await probed(bytes)).toEqual({
      kind: 'image',
      width: 37,
      height: 21,
      channels: 3,
      orientation: 6,
    })
  })

  it('hops over long segments of a JPEG without reading them', async () => {
    const jpeg = await image.clone().jpeg().toBuffer()
    const segment = Buffer.alloc(60_002)
    segment.writeUInt32BE(0xffe2ea60)
    const bytes = Buffer.concat([jpeg.subarray(0, 2), ...Array(40).fill(segment), jpeg.subarray(2)])
    const { folder, read } = counting(bytes)
    expect(await probeMedia(folder, 'a.jpg')).toMatchObject({ width: 37, height: 21 })
    expect(read()).toBeLessThan(200_000)
  })

  it('knows images by their bytes, videos and clouds by their names', async () => {
    const png = await image.clone().png().toBuffer()
    expect(await probed(png, 'a.jpg')).toMatchObject({ width: 37 })
    expect(await probed(png, 'a.dat')).toMatchObject({ kind: 'image', width: 37 })
    expect(await probed(Buffer.from('?'), 'a.mp4')).toEqual({ kind: 'video' })
    expect(await probed(Buffer.from('?'), 'a.pcd')).toEqual({ kind: 'point-cloud' })
    expect(await probed(Buffer.from('?'), 'a.jpg')).toEqual({ kind: 'image' })
    expect(await probed(Buffer.from('?'), 'a.txt')).toBeUndefined()
    expect(await probeMedia(memoryFolder(), 'a.jpg')).toBeUndefined()
    expect(await probeMedia(memoryFolder(), 'a.mp4')).toBeUndefined()
    expect(['A.JPG', 'x/a.b.png', '.jpg', 'jpg', 'a.txt'].map(isImagePath)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('never throws, whatever the bytes are', async () => {
    const samples = await Promise.all([
      image.clone().withMetadata({ orientation: 3 }).jpeg().toBuffer(),
      image.clone().png().toBuffer(),
      image.clone().webp().toBuffer(),
      withAlpha.clone().webp({ lossless: true }).toBuffer(),
      image.clone().tiff().toBuffer(),
      image.clone().gif().toBuffer(),
    ])
    const property = fc.asyncProperty(
      fc.constantFrom(...samples, bmp()),
      fc.nat(200),
      fc.uint8Array({ maxLength: 6 }),
      fc.boolean(),
      async (sample, at, put, isCut) => {
        const bytes = Buffer.from(sample)
        bytes.set(put.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length))
        await probed(isCut ? bytes.subarray(0, at) : bytes)
      },
    )
    await expect(fc.assert(property, { numRuns: 1000 })).resolves.toBeUndefined()
  })
})

/** A folder of one file that counts the bytes that are read from it. */
function counting(bytes: Uint8Array): { readonly folder: Folder; readonly read: () => number } {
  const inner = memoryFolder([['a.jpg', bytes]])
  let count = 0
  const open = async (path: string): Promise<OpenFile> => {
    const file = await inner.open(path)
    return {
      ...file,
      read: async (offset, length) => {
        const part = await file.read(offset, length)
        count += part.length
        return part
      },
    }
  }
  return { folder: { ...inner, open }, read: () => count }
}
