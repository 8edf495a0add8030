import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { runOnPictures } from '../pictures.ts'
import { boxOf, keysOf } from '../run-step.ts'

/** A bright spot on a slope of grey. */
async function spot(x: number, y: number): Promise<Buffer> {
  const data = Buffer.from(
    Array.from({ length: 60 * 40 }, (_, at) => {
      const [column, row] = [at % 60, Math.floor(at / 60)]
      return Math.hypot(column - x, row - y) < 12 ? 240 : 40 + column
    }),
  )
  return sharp(data, { raw: { width: 60, height: 40, channels: 1 } })
    .png()
    .toBuffer()
}

async function pictures(): Promise<Parameters<typeof runOnPictures>[1]> {
  const [first, second] = [await spot(15, 15), await spot(45, 25)]
  const small = await sharp(first).resize(30, 20).jpeg({ quality: 70 }).toBuffer()
  return {
    'train/a': { bytes: first, path: 'a.png' },
    'train/b': { bytes: small, path: 'b.jpg', annotations: [boxOf('car')] },
    'val/a': { bytes: first, path: 'v.png', annotations: [boxOf('car')] },
    'val/c': { bytes: second, path: 'c.png' },
    'val/d': { bytes: new TextEncoder().encode('broken'), path: 'd.png' },
  }
}

describe('near-duplicates', () => {
  it('keeps the first that has annotations, and names the others', async () => {
    const made = await runOnPictures('near-duplicates', await pictures(), {})
    expect(keysOf(made)).toEqual(['train/b', 'val/c', 'val/d'])
    expect(made.notes).toEqual([
      { what: 'image that cannot be decoded', where: 'val/d' },
      { what: 'item left out', where: 'train/a: as train/b' },
      { what: 'item left out', where: 'val/a: as train/b' },
    ])
  })

  it('looks only at bytes where told, and can put others aside', async () => {
    const options = { exact: true, rest: 'copies' }
    const made = await runOnPictures('near-duplicates', await pictures(), options)
    expect(keysOf(made)).toEqual(['copies/a', 'train/b', 'val/a', 'val/c', 'val/d'])
    expect(made.notes).toEqual([{ what: 'item put into copies', where: 'train/a: as val/a' }])
  })

  it('lets a split keep them together', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const { items } = await runOnPictures('split', await pictures(), {
        ratio: { x: '0.5', y: '0.5' },
        'group-by': ['near-duplicates'],
        from: ['train'],
        seed,
      })
      const subsets = items.filter(({ subset }) => subset !== 'val').map(({ subset }) => subset)
      expect(new Set(subsets).size).toBe(1)
    }
  })

  it.each([
    [{ distance: 16 }],
    [{ distance: 1.5 }],
    [{ exact: true, distance: 3 }],
    [{ rest: '..' }],
  ])('refuses %j', async (options) => {
    await expect(runOnPictures('near-duplicates', {}, options)).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })
})
