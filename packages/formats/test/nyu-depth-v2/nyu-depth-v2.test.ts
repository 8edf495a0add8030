import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { gunzipSync } from 'node:zlib'
import { decodePng } from '../../src/media/png.ts'
import { readAll, readContext, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('nyu-depth-v2')

// Written by h5py: rgb is 0 to 17 as (3, 2, 3), depth 0.1, 0.35 … 1.35 as (2, 3) with 32 bits.
const PLAIN = unzip(
  'H4sIAApPAWsC/+v0cHHj5ZLiYgABDg4GFgYBBmTwHwq0OFD5MPkEKM0IpTug9AommDgjWE4CKi4INR9dXUiQqytI9X' +
    '80ALPHgAVCczCMgpEIPFwdA0B0BJQPS08nmFDVFaUngemU1IKSDKR06UCmvYwMrBAzGGF8CwjNDBFghqqDOYMZjcYU' +
    'FwAbJQA3EpKiWYE0iM/ExMQIEYX4EGgNNMkLobmsYEDiIdjP34UR6CtYKVHBil89LL8qMI+mYfzpSgNCQ6IfI91gpi' +
    'MJsFZBBXkGSNGowCDOwSBeD5XHnZ6EOFBzEAxUjEbKiEyITMwsrGzsHJxc3Dy8fPwCgmfPnLE1Nt5sN2umpP2smZH2' +
    'Z8/0APEaewBvVLfSKggAAA==',
)
// The same in chunks with gzip.
const CHUNKED = unzip(
  'H4sIAApPAWsC/+v0cHHj5ZLiYgABDg4GFgYBBmTwHwoYVNH4UJAApRmhdAeUXsEEE2cEy0lAxQWh5qOrCwlydQWp/o' +
    '8GYPYYsEBoDoZRMBKBh6tjAIiOgPJh6ekEE6q6ovQkMJ2SWlCSgZQuHci0l5GBDWIGI4xvAaGZIQLMUHUwZzCj0Zji' +
    'AmCjBOBGQlI0K5AG8ZmYmcDC3AwKYD4j3F4OcE5KSU3LSSxJZYBmB6CoAsRcJpYKVoRVTFCaEeETB6rEQ7Cfvwsj0H' +
    'hYKbFDEr96WH5VYB5Nw8gAVN4xYinvpIjUv0MQlY8rvTGOBvUoGAWjYBSMglEwCkbBKBgFQx5UxCUnpCSlJaYmP3/w' +
    '5NGzh08fiwuwMDDfZphVEWdd/axn7caPabsjjVXfpp/t2WJfvYy94/oNZoZpP3gsRsNuFIyCUTAKRsEoGKoAc1xaA0' +
    'JDho8xxgExx6ElwFoFFeShY8kKDOIcDOL1UHnyx6MhI/PMTMwnpBBWg6yFKgmgSXjgGk9VIKDvEto4Kno4sYwmtVEw' +
    'CkbBKBgFo2AUjIJhBQDmXk3HACUAAA==',
)

function unzip(text: string): Uint8Array {
  return gunzipSync(Buffer.from(text, 'base64'))
}

const folder = memoryFolder([
  ['train/kitchen/00001.h5', PLAIN],
  ['train/study/00001.h5', CHUNKED],
])

describe('NYU Depth V2', () => {
  it('is read with images and depths as files of their own', async () => {
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ subset, id }) => [subset, id])).toEqual([
      ['train', 'kitchen/00001'],
      ['train', 'study/00001'],
    ])
    expect(items[0]?.media).toEqual([
      {
        role: 'primary',
        path: 'train/kitchen/00001.png',
        kind: 'image',
        width: 3,
        height: 2,
        channels: 3,
      },
      { role: 'depth', path: 'train/kitchen/00001.depth.npy', kind: 'other', width: 3, height: 2 },
    ])
    expect(items[0]?.layers['ground_truth']).toEqual([
      { type: 'reference', role: 'depth', path: 'train/kitchen/00001.depth.npy', unit: 'm' },
    ])
  })

  it('has the pixels and depths that the files have', async () => {
    const { items } = await adapter.read(folder, readContext(folder).context)
    for await (const { media } of items) {
      const [image, depth] = await Promise.all(
        media.map(async ({ content }) => content?.() ?? new Uint8Array()),
      )
      if (image === undefined || depth === undefined) throw new Error('there are two media')
      const { data } = decodePng(image, { file: 'a.png' })
      expect([...data.subarray(0, 6)]).toEqual([0, 6, 12, 1, 7, 13])
      const bytes = Buffer.from(depth)
      expect(bytes.toString('latin1', 0, 128)).toMatch(/NUMPY.*'<f4'.*'shape': \(2, 3\), \} *\n$/su)
      const numbers = [0, 1, 2, 3, 4, 5].map((at) => bytes.readFloatLE(128 + at * 4))
      expect(numbers).toEqual([0.1, 0.35, 0.6, 0.85, 1.1, 1.35].map(Math.fround))
    }
  })

  it('is recognised by what the files hold', async () => {
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'nyu-depth-v2' })
    const other = memoryFolder([['a.h5', 'HDF5? No.']])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })

  it('gives our errors, or none, whatever a file holds', async () => {
    for (let at = 0; at < PLAIN.length; at += 7) {
      const wrong = Uint8Array.from(PLAIN)
      wrong[at] = 0xfe
      for (const bytes of [PLAIN.subarray(0, at), wrong]) {
        const broken = memoryFolder([['a.h5', bytes]])
        const { items, problems } = await readAll(adapter, broken, { onError: 'skip' })
        expect(items.length + problems.length).toBe(1)
      }
    }
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })
})
