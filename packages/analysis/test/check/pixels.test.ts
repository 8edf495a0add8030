import { checkDataset, withoutStatedSize } from '@dsv/analysis'
import { EMPTY_SCHEMA, type Json, type Media, type SourceItem } from '@dsv/core'
import { hashBlob } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { memoryView } from './memory-view.ts'

const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer()
const turned = await sharp(jpeg).withMetadata({ orientation: 6 }).toBuffer()

async function found(
  files: Readonly<Record<string, Uint8Array>>,
  size: readonly [number, number] = [40, 30],
): Promise<readonly string[]> {
  const items = Object.entries(files).map(([path, bytes]): SourceItem => {
    const [width, height] = size
    const media: Media = {
      role: 'primary',
      path,
      kind: 'image',
      width,
      height,
      blob: hashBlob(bytes),
    }
    return { subset: 'train', id: path, media: [media], layers: {} }
  })
  const { findings } = await checkDataset(memoryView(EMPTY_SCHEMA, items), {
    pixels: true,
    skip: ['item-unannotated', 'subset-unannotated'],
    readMedia: async ({ path }) => files[path] ?? Buffer.of(),
  })
  return findings.map(({ check, id, size: actual }) => [check, id, ...(actual ?? [])].join(' '))
}

describe('checks of pixels', () => {
  it('find images that are cut off, empty, or something else', async () => {
    const files = {
      'a.jpg': jpeg,
      'b.jpg': jpeg.subarray(0, jpeg.length - 40),
      'c.png': Buffer.of(),
      'd.webp': Buffer.from('<html>not found</html>'),
    }
    expect(await found(files)).toEqual([
      'image-broken b.jpg',
      'image-broken c.png',
      'image-broken d.webp',
    ])
  })

  it('do not judge kinds that are not decoded here', async () => {
    expect(await found({ 'a.bmp': Buffer.from('BM'), 'b.dcm': Buffer.of(1) })).toEqual([])
  })

  it('find sizes that the annotations have wrong, whichever way the image is turned', async () => {
    expect(await found({ 'a.jpg': jpeg }, [41, 30])).toEqual(['image-size-mismatch a.jpg 40 30'])
    expect(await found({ 'a.jpg': jpeg }, [30, 40])).toEqual(['image-size-mismatch a.jpg 40 30'])
    expect(await found({ 'a.jpg': turned }, [30, 40])).toEqual([])
    expect(await found({ 'a.jpg': turned }, [40, 30])).toEqual([])
  })

  it('find sizes that files of Pascal VOC state beside those of the images', async () => {
    const sizeOf = (width: string, height: string): Json => ({
      elements: [
        { name: 'owner', text: '' },
        {
          name: 'size',
          children: [
            { name: 'width', text: width },
            { name: 'height', text: height },
          ],
        },
      ],
    })
    const sizes = [
      ['40', '30'],
      ['40', '31'],
      ['x', '31'],
      ['0', '0'],
    ] as const
    const items = sizes.map(([width, height], at): SourceItem => {
      const media: Media = {
        role: 'primary',
        path: 'a.jpg',
        kind: 'image',
        width: 40,
        height: 30,
        blob: hashBlob(jpeg),
      }
      return {
        subset: 'a',
        id: String(at),
        media: [media],
        extra: { voc: sizeOf(width, height) },
        layers: {},
      }
    })
    const { findings } = await checkDataset(memoryView(EMPTY_SCHEMA, items), {
      only: ['image-size-mismatch'],
      readMedia: async () => jpeg,
    })
    expect(findings).toMatchObject([
      { id: '1', size: [40, 30], message: '"a.jpg" is 40 × 30 pixels, not 40 × 31' },
    ])
    expect(withoutStatedSize({ extra: { voc: sizeOf('1', '2'), x: 1 } })).toEqual({
      extra: { voc: { elements: [{ name: 'owner', text: '' }] }, x: 1 },
    })
  })

  it('report in the order of items, and only when asked', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`${at + 10}.jpg`, at % 2 ? jpeg : Buffer.of(at)]),
    )
    const report = await found(files)
    const broken = report.filter((each) => each.startsWith('image-broken'))
    expect(broken).toEqual(broken.toSorted())
    expect(broken).toHaveLength(6)
    const { withoutPixels } = await checkDataset(memoryView(EMPTY_SCHEMA, []))
    expect(withoutPixels).toEqual(['image-broken', 'image-size-mismatch', 'subset-near-leak'])
  })
})

describe('subset-near-leak', () => {
  it('finds an image that was made smaller in another subset, and not what subset-leak finds', async () => {
    const [one, other] = await Promise.all([picture(1), picture(2)])
    const smaller = await sharp(one).resize(96).jpeg({ quality: 80 }).toBuffer()
    const files: Readonly<Record<string, Uint8Array>> = {
      'train/a.png': one,
      'train/b.png': other,
      'val/a.png': one,
      'val/c.jpg': smaller,
    }
    const items = Object.entries(files).map(([path, bytes]): SourceItem => {
      const media: Media = { role: 'primary', path, kind: 'image', blob: hashBlob(bytes) }
      return { subset: path.slice(0, path.indexOf('/')), id: path, media: [media], layers: {} }
    })
    const { findings } = await checkDataset(memoryView(EMPTY_SCHEMA, items), {
      only: ['subset-leak', 'subset-near-leak'],
      readMedia: async ({ path }) => files[path] ?? Buffer.of(),
    })
    expect(findings).toMatchObject([
      { check: 'subset-leak', id: 'val/a.png' },
      {
        check: 'subset-near-leak',
        id: 'val/c.jpg',
        message: 'The image looks like that of "train/train/a.png"',
      },
    ])
  })
})

/** A picture of two waves. */
async function picture(seed: number): Promise<Buffer> {
  const pixels = Buffer.alloc(128 * 128)
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [at % 128, Math.floor(at / 128)]
    pixels[at] =
      128 + 60 * Math.sin((x * seed) / 17 + y / 31) + 60 * Math.cos((y * seed) / 11 - x / 41)
  }
  return sharp(pixels, { raw: { width: 128, height: 128, channels: 1 } })
    .png()
    .toBuffer()
}
