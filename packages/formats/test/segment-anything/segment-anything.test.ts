import { parseCounts } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('segment-anything')
const IMAGE = placeholder({ width: 10, height: 5 })
const MASK = {
  id: 7,
  segmentation: { size: [5, 10], counts: '`04n0' },
  bbox: [3, 1, 1, 4],
  area: 4,
  predicted_iou: 0.2633798018925796,
  point_coords: [[3, 4]],
  crop_box: [3, 1, 2, 5],
  note: { by: 'Ada' },
}

function fileOf(annotations: unknown, image: object = {}): string {
  return JSON.stringify({
    image: { image_id: 3, width: 10, height: 5, file_name: 'a.jpg', ...image },
    annotations,
    version: 2,
  })
}

describe('Segment Anything', () => {
  const folder = memoryFolder([
    ['a.jpg', IMAGE],
    ['a.json', fileOf([MASK])],
    ['sa_1/b.jpg', IMAGE],
    ['sa_1/b.json', fileOf([], { file_name: 'b.jpg' })],
    ['sa_1/alone.jpg', IMAGE],
    ['dataset_meta.json', '{"label_map": {}}'],
  ])

  it('is read with one mask for each record, and everything it says', async () => {
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ subset, id, media }) => [subset, id, media[0]?.path])).toEqual([
      ['default', 'a', 'a.jpg'],
      ['sa_1', 'b', 'sa_1/b.jpg'],
      ['sa_1', 'alone', 'sa_1/alone.jpg'],
    ])
    expect(items[0]?.extra).toEqual({
      'segment-anything': { image: { image_id: 3 }, file: { version: 2 } },
    })
    expect(items[0]?.layers['ground_truth']).toEqual([
      {
        type: 'mask',
        width: 10,
        height: 5,
        counts: '`04n0',
        sourceId: 7,
        box: [3, 1, 1, 4],
        area: 4,
        attributes: {
          predicted_iou: 0.2633798018925796,
          point_coords: [[3, 4]],
          crop_box: [3, 1, 2, 5],
        },
        extra: { 'segment-anything': { note: { by: 'Ada' } } },
      },
    ])
  })

  it('is written with all of it', async () => {
    const { schema, items, layout } = await readAll(adapter, folder)
    const again = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    expect(again.losses).toEqual([])
    const written = JSON.parse(Buffer.from(await again.folder.read('a.json')).toString())
    expect(written).toEqual(JSON.parse(fileOf([MASK])))
    expect([...again.folder.media].toSorted()).toEqual(['a.jpg', 'sa_1/alone.jpg', 'sa_1/b.jpg'])
  })

  it('reads run lengths that are a list', async () => {
    const record = { id: 1, segmentation: { size: [5, 10], counts: [16, 4, 30] } }
    const { items } = await readAll(adapter, memoryFolder([['a.json', fileOf([record])]]))
    expect(items[0]?.layers['ground_truth']).toMatchObject([{ counts: '`04n0' }])
  })

  it('is recognised by how its files begin', async () => {
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'segment-anything' })
    const coco = '{"images": [], "annotations": [{"crop_box": 1}], "categories": []}'
    expect((await adapter.detect(memoryFolder([['a.json', coco]]))).confidence).toBe(0)
  })

  it.each([
    [[1], /annotations\[0\] should be an object/],
    [{}, /annotations should be a list/],
    [[{ ...MASK, segmentation: { size: [5], counts: '' } }], /size should be height and width/],
    [[{ ...MASK, segmentation: { size: [5, 5], counts: '~' } }], /counts is no run-length string/],
    [[{ ...MASK, bbox: [1] }], /annotations\[0\]\.bbox should hold 4 numbers/],
    [[{ ...MASK, area: 'big' }], /annotations\[0\]\.area should be a number/],
  ])('names what is wrong: %#', async (annotations, message) => {
    const broken = memoryFolder([['a.json', fileOf(annotations)]])
    await expect(readAll(adapter, broken)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(adapter, broken, { onError: 'skip' })).problems).toHaveLength(1)
  })

  it('does not lead out of the folder', async () => {
    const name = { file_name: '../../secret.jpg' }
    const { items } = await readAll(adapter, memoryFolder([['a.json', fileOf([], name)]]))
    expect(items[0]?.media[0]?.path).toBe('secret.jpg')
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('segment_anything')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s, one annotation for its mask and box', async (asset, fact) => {
    const { items } = await readAll(adapter, diskFolder(assetPath(asset)))
    const read = items.map(({ subset, id, media, extra, layers }) => [
      `${subset}/${id}`,
      [media[0]?.height, media[0]?.width],
      extra,
      (layers['ground_truth'] ?? []).flatMap((draft) => {
        const { sourceId, attributes, box } = draft
        const counts = draft.type === 'mask' ? parseCounts(draft.counts) : undefined
        return [
          { type: 'mask', id: sourceId, attributes, counts },
          { type: 'bbox', id: sourceId, attributes, xywh: box },
        ]
      }),
    ])
    const expected = fact.items.map(({ subset, id, media, attributes, annotations }) => [
      `${subset}/${id}`,
      media?.size_hw,
      { 'segment-anything': { image: { image_id: attributes?.['id'] } } },
      annotations.map(({ type, id: number, attributes: own, xywh, mask }) =>
        typeof mask === 'object' && mask !== null && 'rle_colmajor' in mask
          ? { type, id: number, attributes: own, counts: mask.rle_colmajor }
          : { type, id: number, attributes: own, xywh },
      ),
    ])
    expect(read).toEqual(expected)
  })
})
