import { parseCounts } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const fiftyone = await loadAdapter('fiftyone')
const IMAGE = placeholder({ width: 640, height: 480 })
/** What NumPy saves of [[1, 0, 1], [0, 1, 1]], compressed. */
const MASK =
  'eJyb7BfqGxDJyFDGUK2eklqcXKRupaBek2SorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgrGmjoKtQpkAy5GBiBkBAAUSBup'
const ID = '5f3c298768fd4d3baf422d2f'

function sample(fields: object, more: object = {}): object {
  return {
    _id: { $oid: '5f3c298768fd4d3baf422d30' },
    filepath: 'data/a.jpg',
    tags: ['validation', 'good'],
    metadata: { _cls: 'ImageMetadata', width: 640, height: 480 },
    ...fields,
    ...more,
  }
}

function detections(...list: readonly object[]): object {
  const full = list.map((each) => ({ _cls: 'Detection', attributes: {}, tags: [], ...each }))
  return { _cls: 'Detections', detections: full }
}

async function read(samples: readonly object[] | string, metadata: object = {}): Promise<ReadBack> {
  const text = typeof samples === 'string' ? samples : JSON.stringify({ samples })
  return readAll(
    fiftyone,
    memoryFolder([
      ['samples.json', text],
      ['metadata.json', JSON.stringify({ media_type: 'image', ...metadata })],
      ['data/a.jpg', IMAGE],
    ]),
  )
}

describe('reading datasets of FiftyOne', () => {
  it('reads boxes, their fields and attributes, and the split among the tags', async () => {
    const box = {
      _id: { $oid: ID },
      label: 'cat',
      bounding_box: [0.1, 0.25, 0.3, 0.5],
      confidence: 0.75,
      index: 3,
      occluded: true,
      iscrowd: 0,
      pose: 'left',
      attributes: { age: { _cls: 'NumericAttribute', value: 7 } },
      nothing: null,
    }
    const { items, schema } = await read([
      sample({ ground_truth: detections(box), uniqueness: 0.5, weather: null }),
    ])
    expect(schema.categories).toEqual([{ key: 'cat', name: 'cat' }])
    expect(items[0]).toMatchObject({
      subset: 'validation',
      id: 'a',
      tags: ['good'],
      attributes: { uniqueness: 0.5 },
      media: [{ path: 'data/a.jpg', width: 640, height: 480 }],
    })
    expect(items[0]?.layers['ground_truth']).toEqual([
      {
        type: 'box',
        category: 'cat',
        x: 64,
        y: 120,
        width: 192,
        height: 240,
        sourceId: ID,
        score: 0.75,
        track: 3,
        occluded: true,
        crowd: false,
        attributes: { age: 7, pose: 'left' },
      },
    ])
  })

  it('reads the mask of a box where the box is', async () => {
    const mask = { $binary: { base64: MASK, subType: '00' } }
    const box = [2 / 640, 1 / 480, 3 / 640, 2 / 480]
    const { items } = await read([
      sample({ ground_truth: detections({ bounding_box: box, mask }) }),
    ])
    const [draft] = items[0]?.layers['ground_truth'] ?? []
    expect(draft).toMatchObject({ type: 'mask', width: 640, height: 480, box: [2, 1, 3, 2] })
    const counts = draft?.type === 'mask' ? parseCounts(draft.counts) : []
    expect(counts).toEqual([2 * 480 + 1, 1, 480, 1, 478, 2, 640 * 480 - 4 * 480 - 3])
  })

  it('reads lines, polygons, key points and classes as layers', async () => {
    const points = [
      [0, 0],
      [0.5, 0],
      [0.5, 0.25],
    ]
    const line = { _cls: 'Polyline', label: 'road', points: [points], closed: false, filled: false }
    const area = { _cls: 'Polyline', label: 'lawn', points: [points, points], filled: true }
    const keypoint = '{"_cls":"Keypoint","label":"head","points":[[0.5,0.5],[NaN,NaN]]}'
    const one = JSON.stringify(
      sample({
        ground_truth: { _cls: 'Polylines', polylines: [line, area] },
        ground_truth_keypoints: { _cls: 'Keypoints', keypoints: ['KEYPOINT'] },
        predictions: { _cls: 'Classification', label: 'NaN', confidence: 0.5 },
      }),
    ).replace('"KEYPOINT"', keypoint)
    const { items } = await read(`{"samples":[${one}]}`)
    const ring = [0, 0, 320, 0, 320, 120]
    expect(items[0]?.layers).toEqual({
      ground_truth: [
        { type: 'polyline', category: 'road', points: ring },
        { type: 'polygon', category: 'lawn', parts: [[ring], [ring]] },
        { type: 'points', category: 'head', points: [320, 240, 0, 0], visibility: [2, 0] },
      ],
      predictions: [{ type: 'label', category: 'NaN', score: 0.5 }],
    })
  })

  it('takes the first field for the ground truth where none is called so', async () => {
    const box = detections({ label: 'cat', bounding_box: [0, 0, 1, 1] })
    const { items } = await read([sample({ boxes: box, a_predictions: box })])
    expect(Object.keys(items[0]?.layers ?? {}).toSorted()).toEqual([
      'a_predictions',
      'ground_truth',
    ])
  })

  it('keeps and reports labels that it does not understand, and says what is wrong', async () => {
    const segmentation = { _cls: 'Segmentation', mask_path: 'fields/a.png' }
    const { items, losses } = await read([sample({ scene: segmentation })])
    expect(items[0]?.extra).toMatchObject({ fiftyone: { scene: segmentation } })
    expect(losses).toEqual([{ what: 'annotation: Segmentation', where: 'validation/a' }])
    const wrong = sample({ ground_truth: detections({ bounding_box: [0, 0, 1] }) })
    await expect(read([wrong])).rejects.toThrow(
      'samples.json: data/a.jpg: ground_truth.detections[0].bounding_box should be four numbers',
    )
    const broken = sample({
      ground_truth: detections({ bounding_box: [0, 0, 1, 1], mask: 'AAAA' }),
    })
    await expect(read([broken])).rejects.toThrow('is not compressed by zlib')
  })
})

describe('writing datasets of FiftyOne', () => {
  it('gives the same samples when nothing changed', async () => {
    const box = { _id: { $oid: ID }, label: 'cat', bounding_box: [0.1, 0.25, 0.3, 0.5], n: 1 }
    const before = sample({
      ground_truth: detections(box),
      scene: { _cls: 'Classification', _id: { $oid: ID }, tags: [], label: 'street' },
      position: { _cls: 'GeoLocation', point: [1, 2] },
      _media_type: 'image',
      ratio: 0.5,
    })
    const metadata = { version: '0.21.6', default_classes: ['cat', 'street'], name: 'x' }
    const { schema, items, layout } = await read([before], metadata)
    const { folder, losses } = await writeAll(fiftyone, memoryDatasetView(schema, items, layout))
    const { samples } = JSON.parse(annotationFiles(folder)['samples.json'] ?? '') as {
      samples: readonly unknown[]
    }
    expect(samples).toEqual([
      {
        ...before,
        metadata: {
          _cls: 'ImageMetadata',
          mime_type: 'image/jpeg',
          width: 640,
          height: 480,
          num_channels: 3,
        },
      },
    ])
    expect(JSON.parse(annotationFiles(folder)['metadata.json'] ?? '')).toMatchObject(metadata)
    expect(losses).toEqual([])
  })
})

describe('the layouts for detection and classification', () => {
  it('reads targets by number and by name, with and without confidence', async () => {
    const labels = {
      a: 1,
      'b.png': 'zebra',
      c: { label: 0, confidence: 0.5, attributes: { old: true } },
      d: [0, 1],
      e: null,
    }
    const text = JSON.stringify({ classes: ['cat', 'dog'], labels })
    const { items, schema } = await readAll(fiftyone, memoryFolder([['val/labels.json', text]]))
    expect(schema.categories.map(({ name }) => name)).toEqual(['cat', 'dog', 'zebra'])
    expect(items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']])).toEqual([
      ['val', 'a', [{ type: 'label', category: 'dog' }]],
      ['val', 'b', [{ type: 'label', category: 'zebra' }]],
      ['val', 'c', [{ type: 'label', category: 'cat', score: 0.5, attributes: { old: true } }]],
      [
        'val',
        'd',
        [
          { type: 'label', category: 'cat' },
          { type: 'label', category: 'dog' },
        ],
      ],
      ['val', 'e', []],
    ])
  })

  it('reads and writes boxes as parts of width and height', async () => {
    const box = { label: 0, bounding_box: [0.1, 0.25, 0.3, 0.5], attributes: { far: 'no' } }
    const text = JSON.stringify({ classes: ['cat'], labels: { a: [box], b: [] } })
    const before = memoryFolder([
      ['labels.json', text],
      ['data/a.jpg', IMAGE],
      ['data/b.jpg', IMAGE],
    ])
    const { items, schema, layout } = await readAll(fiftyone, before)
    expect(items[0]?.layers['ground_truth']).toMatchObject([
      { type: 'box', category: 'cat', x: 64, y: 120, width: 192, height: 240 },
    ])
    const { folder, losses } = await writeAll(fiftyone, memoryDatasetView(schema, items, layout))
    expect(JSON.parse(annotationFiles(folder)['labels.json'] ?? '')).toEqual(JSON.parse(text))
    expect([...folder.media].toSorted()).toEqual(['data/a.jpg', 'data/b.jpg'])
    expect(losses).toEqual([])
  })
})
