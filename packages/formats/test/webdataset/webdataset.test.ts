import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { encodeTarFile, tarEnd } from '../../src/webdataset/encode-tar.ts'
import { tarMembers } from '../../src/webdataset/tar-members.ts'
import { memoryFile } from '../../src/folder/open-file.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('webdataset')
const IMAGE = placeholder({ width: 640, height: 480 })

function tar(...files: readonly (readonly [string, string | Uint8Array])[]): Buffer {
  const parts = files.flatMap(([name, bytes]) => encodeTarFile(name, Buffer.from(bytes)))
  return Buffer.concat([...parts, tarEnd()])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading shards', () => {
  it('reads images, classes, captions and the JSON of img2dataset', async () => {
    const folder = memoryFolder([
      ['classnames.txt', 'tench\ngoldfish\n'],
      [
        'imagenet-train-000000.tar',
        tar(
          ['n01/a.JPEG', IMAGE],
          ['n01/a.cls', '1'],
          ['n01/a.seg.png', IMAGE],
          ['n01/a.npy', 'x'],
          ['00001.txt', 'a red fish'],
          ['00001.jpg', IMAGE],
          ['00001.json', '{"url":"http://x/y.jpg","width":640,"exif":{"a":1},"key":"00001"}'],
        ),
      ],
      ['00001.tar', tar(['b.png', IMAGE], ['b.cls', 'whale'], ['__index__.json', '{}'])],
    ])
    const { items, schema, losses } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['tench', 'goldfish', 'whale'])
    expect(items).toMatchObject([
      {
        subset: 'default',
        id: 'b',
        layers: { ground_truth: [{ type: 'label', category: 'whale' }] },
      },
      {
        subset: 'train',
        id: 'n01/a',
        media: [
          { role: 'primary', path: 'train/n01/a.JPEG', width: 640, height: 480 },
          { role: 'seg', path: 'train/n01/a.seg.png' },
        ],
        layers: { ground_truth: [{ type: 'label', category: 'goldfish' }] },
      },
      {
        id: '00001',
        attributes: { url: 'http://x/y.jpg', width: 640, key: '00001' },
        extra: { webdataset: { exif: { a: 1 } } },
        layers: { ground_truth: [{ type: 'caption', text: 'a red fish' }] },
      },
    ])
    expect(losses).toEqual([{ what: 'member: npy', where: 'imagenet-train-000000.tar: n01/a.npy' }])
    const view = memoryDatasetView(schema, items)
    const written = await writeAll(adapter, view)
    expect(written.losses).toEqual([])
    const again = await readAll(adapter, written.folder)
    expect(again.items.map(({ id, media }) => [id, media.map(({ role }) => role)])).toEqual([
      ['b', ['primary']],
      ['00001', ['primary']],
      ['n01/a', ['primary', 'seg']],
    ])
  })

  it('reads annotations as COCO has them, and keeps what it does not understand', async () => {
    const annotations = [
      { bbox: [1, 2, 3, 4], category_id: 0, iscrowd: 1, area: 12, id: 7, ignore: 0 },
      { segmentation: [[0, 0, 4, 0, 4, 4]], category: 'dog', bbox: [0, 0, 4, 4] },
      { segmentation: { size: [2, 2], counts: [1, 3] }, category: 'dog' },
    ]
    const folder = memoryFolder([
      ['classes.txt', 'cat\ndog\n'],
      [
        'val/0.tar',
        tar(
          ['a.json', JSON.stringify({ annotations })],
          ['b.json', JSON.stringify({ annotations: [{ colour: 'red' }] })],
        ),
      ],
    ])
    const { items } = await readAll(adapter, folder)
    expect(truth(items[0])).toEqual([
      {
        type: 'box',
        x: 1,
        y: 2,
        width: 3,
        height: 4,
        category: 'cat',
        crowd: true,
        area: 12,
        sourceId: 7,
        extra: { webdataset: { ignore: 0 } },
      },
      { type: 'polygon', parts: [[[0, 0, 4, 0, 4, 4]]], category: 'dog', box: [0, 0, 4, 4] },
      { type: 'mask', width: 2, height: 2, counts: '13', category: 'dog' },
    ])
    expect(items[1]).toMatchObject({
      subset: 'val',
      extra: { webdataset: { annotations: [{ colour: 'red' }] } },
    })
  })

  it('unpacks shards that are packed with gzip', async () => {
    const folder = memoryFolder([
      ['test-0.tar.gz', gzipSync(tar(['a.jpg', IMAGE], ['a.cls', '0']))],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items).toMatchObject([{ subset: 'test', id: 'a', media: [{ width: 640 }] }])
    const broken = memoryFolder([['test-0.tgz', Buffer.from('not packed')]])
    await expect(readAll(adapter, broken)).rejects.toThrow(/test-0\.tgz: is no valid gzip/)
  })

  it('tells samples of several shards apart that are called alike', async () => {
    const folder = memoryFolder([
      ['train-0.tar', tar(['0.jpg', IMAGE])],
      ['train-1.tar', tar(['0.jpg', IMAGE])],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id }) => id)).toEqual(['0', 'train-1/0'])
  })

  it.each([
    [tar(['a.jpg', IMAGE]).subarray(0, 600), /0\.tar: is cut off/],
    [tar(['a.cls', '']), /a\.cls names no class/],
    [tar(['a.json', '{']), /0\.tar: a\.json: no valid JSON/],
    [tar(['a.jpg', IMAGE], ['a.jpg', IMAGE]), /has a\.jpg twice/],
    [Buffer.alloc(1024, 'x'), /has a damaged header at byte 0/],
  ])('says what is wrong with a shard', async (bytes, message) => {
    await expect(readAll(adapter, memoryFolder([['0.tar', bytes]]))).rejects.toThrow(message)
  })

  it('is told apart from a tar of something else', async () => {
    const other = memoryFolder([['src.tar', tar(['main.c', 'x'])]])
    expect((await adapter.detect(other)).confidence).toBeLessThan(0.5)
    const [best] = await detectFormat(memoryFolder([['0.tar', tar(['a.jpg', IMAGE])]]))
    expect(best).toMatchObject({ format: 'webdataset' })
  })
})

describe('the names in a tar', () => {
  it.each(['a.jpg', 'ü/ß 1.jpg', `${'folder/'.repeat(40)}x.jpg`, 'x'.repeat(98) + '.y'])(
    'are read as they were written: %s',
    async (name) => {
      const bytes = tar([name, 'abc'], ['next', ''])
      const members = []
      for await (const member of tarMembers(memoryFile(bytes), 'x.tar')) members.push(member)
      expect(members.map((member) => [member.name, member.sizeBytes])).toEqual([
        [name, 3],
        ['next', 0],
      ])
    },
  )
})

describe('writing shards', () => {
  it('keeps ids and subsets that names of files cannot say, and images without bytes', async () => {
    const items: SourceItem[] = ['v1.5/a.b', 'v1_5/a_b', '../x'].map((id) => ({
      subset: 'shard 7',
      id,
      media: [{ role: 'primary', path: `${id}.png`, kind: 'image', width: 3, height: 2 }],
      attributes: { attributes: 1, plain: 'x', annotations: true },
      tags: ['t'],
      layers: { ground_truth: [] },
    }))
    const schema = { categories: [], attributes: [], info: {} }
    const view = memoryDatasetView(schema, items)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const read = await readAll(adapter, folder)
    const byId = new Map(read.items.map((item) => [item.id, item]))
    for (const item of items) {
      expect(byId.get(item.id)).toMatchObject({
        subset: item.subset,
        attributes: item.attributes,
        tags: item.tags,
      })
    }
  })
})
