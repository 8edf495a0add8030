import { describe, expect, it } from '@jest/globals'
import { isDsvError } from '@dsv/store'
import fc from 'fast-check'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import {
  decodePng,
  encodePng,
  type PngBitDepth,
  pngChannels,
  type PngColorType,
  type PngImage,
} from '../../src/media/png.ts'

const kinds: readonly (readonly [PngColorType, PngBitDepth])[] = [
  ...([1, 2, 4, 8, 16] as const).map((depth) => [0, depth] as const),
  ...([1, 2, 4, 8] as const).map((depth) => [3, depth] as const),
  ...([2, 4, 6] as const).flatMap((color) => [[color, 8] as const, [color, 16] as const]),
]

const images: fc.Arbitrary<PngImage> = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    kind: fc.constantFrom(...kinds),
  })
  .chain(({ width, height, kind: [colorType, bitDepth] }) => {
    const length = width * height * pngChannels(colorType)
    const sample = fc.integer({ min: 0, max: 2 ** bitDepth - 1 })
    return fc.array(sample, { minLength: length, maxLength: length }).map((samples) => ({
      width,
      height,
      bitDepth,
      colorType,
      ...(colorType === 3
        ? { palette: Uint8Array.from({ length: 3 * 2 ** bitDepth }, (_, i) => i * 7) }
        : {}),
      data: bitDepth === 16 ? Uint16Array.from(samples) : Uint8Array.from(samples),
    }))
  })

describe('encodePng', () => {
  it('is undone by decodePng for every colour type and depth', () => {
    fc.assert(
      fc.property(images, (image) => {
        expect(decodePng(encodePng(image))).toEqual(image)
      }),
    )
  })

  it('refuses an index outside the palette', () => {
    const image = {
      width: 1,
      height: 1,
      bitDepth: 8,
      colorType: 3,
      palette: new Uint8Array(3),
    } as const
    expect(() => encodePng({ ...image, data: Uint8Array.of(1) })).toThrow('The sample 1')
  })

  it('writes what libvips reads', async () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 37) % 256)
    const bytes = encodePng({ width: 5, height: 4, bitDepth: 8, colorType: 2, data })
    expect([...(await sharp(bytes).raw().toBuffer())]).toEqual([...data])
  })
})

describe('decodePng', () => {
  it.each([false, true])(
    'reads all filters as libvips writes them (interlaced: %s)',
    async (progressive) => {
      const [width, height] = [37, 29]
      const data = Uint8Array.from(
        { length: width * height * 3 },
        (_, i) => (i * i * 31 + (i >> 3)) % 256,
      )
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png({ adaptiveFiltering: true, progressive })
        .toBuffer()
      expect(Buffer.from(decodePng(png).data).equals(data)).toBe(true)
    },
  )

  it.each([1, 2, 3, 4])('undoes filter %i by hand', (filter) => {
    const expected: Readonly<Record<number, readonly number[]>> = {
      1: [10, 15, 20, 1, 3, 6],
      2: [10, 5, 5, 11, 7, 8],
      3: [10, 10, 10, 6, 10, 13],
      4: [10, 15, 20, 11, 17, 23],
    }
    const raw = Uint8Array.of(filter, 10, 5, 5, filter, 1, 2, 3)
    expect([...decodePng(pngOf(3, 2, 8, 0, raw)).data]).toEqual(expected[filter])
  })

  it('refuses an image bomb before it is unpacked', () => {
    expect(() => decodePng(pngOf(60_000, 60_000, 8, 6, new Uint8Array(10)))).toThrow('the limit is')
    expect(() => decodePng(pngOf(20_000, 20_000, 8, 0, new Uint8Array(10)))).toThrow('cannot hold')
  })

  it('refuses more pixels than the header says', () => {
    expect(() => decodePng(pngOf(2, 2, 8, 0, new Uint8Array(1000)))).toThrow('decompressed')
  })

  it('never accepts a changed byte inside a chunk', () => {
    const png = pngOf(4, 4, 8, 0, new Uint8Array(20))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: png.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, bits) => {
          const damaged = Uint8Array.from(png)
          damaged[at] = (damaged[at] ?? 0) ^ bits
          expect(codeOf(() => decodePng(damaged))).toBe('DSV_FORMAT_SYNTAX')
        },
      ),
    )
  })

  it('answers any bytes with our error', () => {
    const start = pngOf(1, 1, 8, 0, new Uint8Array(2)).subarray(0, 33)
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 200 }), (isPng, tail) => {
        const bytes = isPng ? Buffer.concat([start, tail]) : tail
        expect(codeOf(() => decodePng(bytes))).toBe('DSV_FORMAT_SYNTAX')
      }),
    )
  })

  it('names the file and the place where it is cut off', () => {
    const png = pngOf(1, 1, 8, 0, new Uint8Array(2))
    expect(() => decodePng(png.subarray(0, 50), { file: 'a.png' })).toThrow(
      'a.png: is cut off at byte 50',
    )
  })
})

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return isDsvError(error) ? error.code : String(error)
  }
  return undefined
}

function pngOf(
  width: number,
  height: number,
  depth: number,
  color: number,
  raw: Uint8Array,
): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, color], 8)
  const chunks = [
    ['IHDR', header],
    ['IDAT', deflateSync(raw)],
    ['IEND', Buffer.alloc(0)],
  ] as const
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...chunks.map(([type, body]) => {
      const bytes = Buffer.concat([
        Buffer.alloc(4),
        Buffer.from(type, 'latin1'),
        body,
        Buffer.alloc(4),
      ])
      bytes.writeUInt32BE(body.length, 0)
      bytes.writeUInt32BE(crc32(bytes.subarray(4, body.length + 8)), body.length + 8)
      return bytes
    }),
  ])
}
