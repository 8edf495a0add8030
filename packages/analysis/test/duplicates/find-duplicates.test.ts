import { findDuplicates } from '@dsv/analysis'
import type { AnnotatedItem, Media } from '@dsv/core'
import { type BlobId, hashBlob } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'

/** Rectangles on a grey ground, each picture its own. */
function picture(seed: number): Buffer {
  const data = Buffer.alloc(64 * 48 * 3, 90)
  for (let shape = 0; shape < 4; shape++) {
    const at = (seed * 7 + 1) * (shape * 13 + 5)
    const [left, top, level] = [at % 44, (at * 3) % 30, (at * 29) % 256]
    for (let y = top; y < top + 16; y++)
      for (let x = left; x < left + 18; x++)
        data.fill(level, (y * 64 + x) * 3, (y * 64 + x) * 3 + 3)
  }
  return data
}

const png = async (seed: number): Promise<Buffer> =>
  sharp(picture(seed), { raw: { width: 64, height: 48, channels: 3 } })
    .png()
    .toBuffer()

/** A dataset of files, with a count of how often each was read. */
function dataset(files: Readonly<Record<string, Uint8Array>>): {
  view: { items: () => AsyncIterable<AnnotatedItem> }
  readMedia: (media: Media) => Promise<Uint8Array>
  reads: string[]
} {
  const reads: string[] = []
  const items = Object.entries(files).map(([key, bytes]): AnnotatedItem => {
    const [subset = '', id = ''] = key.split('/')
    const blob: BlobId = hashBlob(bytes)
    return { subset, id, layers: {}, media: [{ role: 'primary', path: key, kind: 'image', blob }] }
  })
  return {
    reads,
    view: {
      items: async function* all() {
        yield* items
      },
    },
    readMedia: async ({ path }) => {
      reads.push(path)
      return files[path] ?? new Uint8Array()
    },
  }
}

describe('findDuplicates', () => {
  const { signal } = new AbortController()

  it('finds pictures that are encoded again, made smaller or turned by their EXIF', async () => {
    const first = await png(1)
    const { view, readMedia, reads } = dataset({
      'train/a': first,
      'train/b': await png(2),
      'train/c': await png(3),
      'val/a': first,
      'val/e': await sharp(await png(2))
        .jpeg({ quality: 60 })
        .toBuffer(),
      'val/f': await sharp(await png(2))
        .resize(40, 30)
        .png()
        .toBuffer(),
      'val/g': await sharp(await png(3))
        .rotate(90)
        .withMetadata({ orientation: 8 })
        .jpeg()
        .toBuffer(),
    })
    const groups = await findDuplicates(view, 6, { readMedia, signal })
    expect(groups.map((group) => group.map(({ subset, id }) => `${subset}/${id}`))).toEqual([
      ['train/a', 'val/a'],
      ['train/b', 'val/e', 'val/f'],
      ['train/c', 'val/g'],
    ])
    expect(reads.toSorted()).toEqual(['train/a', 'train/b', 'train/c', 'val/e', 'val/f', 'val/g'])
  })

  it('compares only bytes, and reads none, without a distance', async () => {
    const { view, readMedia, reads } = dataset({
      'train/a': await png(1),
      'train/b': await sharp(await png(1))
        .jpeg()
        .toBuffer(),
      'val/a': await png(1),
    })
    const groups = await findDuplicates(view, undefined, { readMedia, signal })
    expect(groups.map((group) => group.map(({ place }) => place))).toEqual([[0, 2]])
    expect(reads).toEqual([])
  })

  it('tells of images that cannot be decoded, and still finds their copies', async () => {
    const broken = new TextEncoder().encode('no picture')
    const { view, readMedia } = dataset({ 'a/1': broken, 'a/2': broken, 'a/3': await png(1) })
    const told: string[] = []
    const onUndecodable = ({ id }: { id: string }): number => told.push(id)
    const groups = await findDuplicates(view, 6, { readMedia, signal, onUndecodable })
    expect(groups.map((group) => group.map(({ id }) => id))).toEqual([['1', '2']])
    expect(told).toEqual(['1'])
  })
})
