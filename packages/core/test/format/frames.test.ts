import {
  type AnnotatedItem,
  type DatasetView,
  EMPTY_SCHEMA,
  type FormatAdapter,
  type FrameCursor,
  framesAsImages,
  frameSource,
  type Media,
} from '@dsv/core'
import { hashBlob } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import { tinyAdapter } from '../tiny-format.ts'

function frameOf(video: string, index: number): Media {
  const blob = hashBlob(Buffer.from(video))
  return { role: 'primary', path: video, kind: 'video', blob, frame: { index } }
}

describe('frameSource', () => {
  /** Videos whose frames say what they are; tells what was opened and closed. */
  function videos(): {
    readonly open: (media: Media) => Promise<FrameCursor>
    readonly told: string[]
  } {
    const told: string[] = []
    return {
      told,
      open: async ({ path }) => {
        told.push(`open ${path}`)
        return {
          frame: async (index) => Buffer.from(`${path} ${index}`),
          close: async () => void told.push(`close ${path}`),
        }
      },
    }
  }

  it('opens a video once for many frames, and closes the one that was not asked for longest', async () => {
    const { open, told } = videos()
    const source = frameSource(open)
    const read = async (video: string, index: number): Promise<string> =>
      String(await source.read(frameOf(video, index)))
    expect(await read('a', 0)).toBe('a 0')
    expect(await read('b', 7)).toBe('b 7')
    expect(await read('a', 1)).toBe('a 1')
    expect(await read('c', 0)).toBe('c 0')
    expect(told).toEqual(['open a', 'open b', 'open c', 'close b'])
    await source.close()
    expect(told.slice(4).toSorted()).toEqual(['close a', 'close c'])
  })

  it('goes on after a frame that cannot be read', async () => {
    let calls = 0
    const source = frameSource(async () => {
      calls += 1
      if (calls === 1) throw new Error('no')
      return { frame: async () => Buffer.from('yes'), close: async () => {} }
    })
    const results = await Promise.allSettled([
      source.read(frameOf('a', 0)),
      source.read(frameOf('a', 1)),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })
})

describe('framesAsImages', () => {
  const item: AnnotatedItem = {
    subset: 'train',
    id: 'clip/000007',
    media: [
      { ...frameOf('clip.mp4', 7), width: 4, height: 3 },
      { ...frameOf('deep.mp4', 7), role: 'depth' },
      { role: 'related', path: 'a.txt', kind: 'other' },
    ],
    layers: {},
  }
  const view: DatasetView = {
    schema: EMPTY_SCHEMA,
    layout: null,
    subsets: ['train'],
    items: async function* items() {
      yield item
    },
    item: async () => item,
  }

  async function seenBy(changes: Partial<FormatAdapter['format']>): Promise<readonly Media[]> {
    const seen: Media[] = []
    const adapter = framesAsImages({
      ...tinyAdapter,
      format: { ...tinyAdapter.format, ...changes },
      write: async (dataset) => {
        for await (const { media } of dataset.items()) seen.push(...media)
        return null
      },
    })
    const nowhere = { write: async () => {}, placeMedia: async () => {} }
    await adapter.write(view, nowhere, {
      signal: new AbortController().signal,
      onLoss: () => {},
      variant: undefined,
      layer: 'ground_truth',
      readMedia: async () => new Uint8Array(),
    })
    return seen
  }

  it('shows each frame as an image with the name of its item', async () => {
    expect(await seenBy({})).toEqual([
      { ...item.media[0], kind: 'image', path: 'clip/000007.png' },
      { ...item.media[1], kind: 'image', path: 'clip/000007.depth.png' },
      item.media[2],
    ])
  })

  it('leaves frames to formats that hold them', async () => {
    expect(await seenBy({ holdsFrames: true })).toEqual(item.media)
  })
})
