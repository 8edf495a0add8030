import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { gunzipSync } from 'node:zlib'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('datumaro-binary')

/** `train.datum` as Datumaro 1.10 writes an item with an annotation of each type, gzipped. */
const TRAIN =
  'H4sIAAAAAAACA5VSy0rDQBSdNra2ulFwr8w61NQiYkCbD/AHREqcJGON5sV0IpYS7NKl27oS8QP8ABcFtxX8BD/BP9CbydRGa31cONzJzTn3nnl03HZAeMyo7kDyCQtNyw0I624hhBqAHnZ88yhkPuHmGWUdNwywjus1DavYp45LTBrYrBtx8YOzmCagQnMoiyHgQbTxiEU9rMtFB+sHPRwQn0I3m3DoFhFGAw6fsCacM9eKOU15rUT9oDph+6/UKI7y1Ez5hd1SMztmm4VxJGpTnGQF/C+JPWQb5t0I+m8kFagVALdFhBTIZN0qQeKMuAGU0HxaM63aSdQuw7IiSz18ivV6spCqFfQ53iBWBadjhwymaLVNFZ+D/S6YhwM+qKsbrSSdWi5JTVHmtPey0Ia27cUOdXL3ocg7eRqNdp5Ge7vXg33jerBtjO8JVXMO8l3LWWoi1AcYxiRfGiX0jX2ZL/KvQL4FECJDmSUaRybqC7KcaBSlo0LO2VSD8c/xYafYaTQ0TSPa/CxRSj5+vPO8cPF/xm6EscpPZqpTO0nPUdR2J/V+c+m3yTmCvIihFK/JxofCDUJX0tk9YAh4BrwAXo13SI2Jg+oDAAA='

function folderWith(bytes: Uint8Array): MemoryFolder {
  return memoryFolder([['annotations/train.datum', bytes]])
}

const datum = gunzipSync(Buffer.from(TRAIN, 'base64'))

describe('reading', () => {
  it('reads every type of annotation that Datumaro writes', async () => {
    const folder = folderWith(datum)
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories).toMatchObject([
      { name: 'cat' },
      { name: 'dog' },
      { name: 'pup', parent: 'dog' },
    ])
    const [item] = items
    expect(item).toMatchObject({ subset: 'train', id: 'a/b', attributes: { k: 1 } })
    expect(item?.media).toMatchObject([{ path: 'images/train/a_b.jpg', width: 8, height: 6 }])
    expect(item?.layers['ground_truth']).toMatchObject([
      {
        type: 'label',
        category: 'dog',
        sourceId: 3,
        score: 0.5,
        attributes: { n: [1, 2], x: 'y' },
      },
      { type: 'box', x: 0.1, y: 0.2, width: 3.3, height: 2.7, track: 7, occluded: true, zOrder: 3 },
      { type: 'polygon', parts: [[[0.5, 1, 3, 1, 3, 4.25]]], category: 'pup', group: 9 },
      { type: 'polyline', points: [0, 0, 1.5, 2] },
      { type: 'points', points: [1, 2, 3, 4], visibility: [2, 1] },
      { type: 'mask', width: 8, height: 6, zOrder: 2 },
      { type: 'caption', text: 'hällo' },
      { type: 'ellipse', cx: 3, cy: 3, rx: 2, ry: 1 },
      { type: 'cuboid-3d', position: [1, 2, 3], rotation: [0.5, 0, 0.25], size: [1, 2, 1] },
      { type: 'cuboid-2d' },
    ])
  })

  it('writes the items as they were', async () => {
    const { schema, items, layout } = await readAll(adapter, folderWith(datum))
    const again = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    expect(again.losses).toEqual([])
    expect((await readAll(adapter, again.folder)).items).toEqual(items)
  })

  it.each([
    [datum.subarray(0, 60), /is cut off at byte/],
    [Buffer.concat([datum, Buffer.from([0])]), /goes on after its items/],
    [Buffer.from('signature:datumaro_binarx'), /has no signature/],
    [encrypted(), /is encrypted, which is not read/],
    [withByte(datum.length - 1, 0x7f), /has the number/],
  ])('names what is wrong: %#', async (bytes, message) => {
    await expect(readAll(adapter, folderWith(bytes))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })
})

/** The last four bytes are the last number of the cuboid. */
function withByte(at: number, value: number): Buffer {
  const bytes = Buffer.from(datum)
  bytes[at] = value
  bytes[at - 1] = 0xff
  return bytes
}

function encrypted(): Buffer {
  const head = Buffer.from('signature:datumaro_binary\x06\0\0\0\x02\0\0\0{}\x01\0\0\0x', 'latin1')
  return Buffer.concat([head, Buffer.alloc(40)])
}

describe('writing', () => {
  it('reports numbers that 32 bits cannot hold, and what becomes something else', async () => {
    const item = {
      subset: 'train',
      id: 'a',
      media: [{ role: 'primary', path: 'a.png', kind: 'image', width: 9, height: 9 } as const],
      layers: {
        ground_truth: [
          { type: 'box', x: 1 / 3, y: 0, width: 2, height: 2 } as const,
          {
            type: 'polygon',
            parts: [[[0, 0, 1, 0, 1, 1]], [[2, 2, 3, 2, 3, 3]]],
          } as const,
          { type: 'vector', values: [1] } as const,
        ],
      },
    }
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [item])
    const { losses } = await writeAll(adapter, view)
    expect(losses.map(({ what }) => what)).toEqual([
      'field: x',
      'annotation: polygon',
      'annotation: vector',
    ])
  })
})
