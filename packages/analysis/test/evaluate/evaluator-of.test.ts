import { describe, expect, it } from '@jest/globals'
import { evaluate, evaluatorOf } from '@dsv/analysis'
import { box, categories, item, label, stretch } from './made-up.ts'

const PETS = categories('cat', 'dog', 'hen')

describe('evaluatorOf boxes', () => {
  it('finds an object whose id in its source is 0, which pycocotools takes for none', async () => {
    const truth = [box('a', 'cat', [0, 0, 40, 40], { sourceId: 0 })]
    const found = [box('b', 'cat', [0, 0, 40, 40], { score: 1 })]
    const { figures } = await evaluate([item('1', truth, found)], {
      task: 'boxes',
      categories: PETS,
    })
    expect(figures['AP']).toBeCloseTo(1, 12)
  })

  it('says what was taken for what, with right ones on the diagonal', async () => {
    const items = [
      item(
        '1',
        [
          box('a', 'cat', [0, 0, 10, 10]),
          box('b', 'dog', [50, 0, 10, 10]),
          box('c', 'cat', [90, 0, 10, 10]),
        ],
        [
          box('1', 'cat', [0, 0, 10, 10], { score: 0.9 }),
          box('2', 'cat', [50, 0, 10, 10], { score: 0.8 }),
          box('3', 'dog', [0, 90, 10, 10], { score: 0.7 }),
        ],
      ),
    ]
    const { confusion, figures } = await evaluate(items, { task: 'boxes', categories: PETS })
    expect(confusion).toEqual({
      categories: ['cat', 'dog', null],
      counts: [
        [1, 0, 1],
        [1, 0, 0],
        [0, 1, 0],
      ],
    })
    expect(figures).toMatchObject({ TP: 1, FP: 2, FN: 2 })
  })

  it('leaves detections below a score out of outcomes and confusion, not out of averages', async () => {
    const items = [
      item(
        '1',
        [box('a', 'cat', [0, 0, 10, 10])],
        [box('1', 'cat', [0, 0, 10, 10], { score: 0.2 })],
      ),
    ]
    const options = { task: 'boxes', categories: PETS, minScore: 0.5 } as const
    const { figures } = await evaluate(items, options)
    expect(figures).toMatchObject({ TP: 0, FP: 0, FN: 1 })
    expect(figures['AP']).toBeCloseTo(1, 12)
  })

  it('finds the score from which on F1 is best', async () => {
    const items = [
      item(
        '1',
        [box('a', 'cat', [0, 0, 10, 10]), box('b', 'cat', [50, 0, 10, 10])],
        [
          box('1', 'cat', [0, 0, 10, 10], { score: 0.9 }),
          box('2', 'cat', [50, 0, 10, 10], { score: 0.6 }),
          box('3', 'cat', [0, 80, 10, 10], { score: 0.5 }),
        ],
      ),
    ]
    const report = await evaluate(items, { task: 'boxes', categories: categories('cat') })
    expect(report.figures).toMatchObject({ F1: 1, bestScore: 0.6 })
    expect(report.curves[0]?.points).toEqual([
      { score: 0.9, precision: 1, recall: 0.5 },
      { score: 0.6, precision: 1, recall: 1 },
      { score: 0.5, precision: 2 / 3, recall: 1 },
    ])
  })

  it('gives a detection an object before a crowd that it covers better', () => {
    const evaluator = evaluatorOf({ task: 'boxes', categories: PETS })
    const [match] = evaluator.matches(
      item(
        '1',
        [box('crowd', 'cat', [0, 0, 90, 90], { crowd: true }), box('a', 'cat', [0, 0, 20, 20])],
        [box('1', 'cat', [0, 0, 20, 16], { score: 1 })],
      ),
    )
    expect(match).toMatchObject({ outcome: 'true-positive', truth: { uid: 'a' }, overlap: 0.8 })
  })

  it('does not blame detections of other sizes for a size', async () => {
    const items = [
      item(
        '1',
        [box('a', 'cat', [0, 0, 20, 20])],
        [
          box('1', 'cat', [300, 300, 200, 200], { score: 0.9 }),
          box('2', 'cat', [0, 0, 20, 20], { score: 0.8 }),
        ],
      ),
      // Nothing to find: the large one is far from everything.
      item('2', [], [box('1', 'cat', [300, 300, 200, 200], { score: 0.9 })]),
    ]
    const { figures } = await evaluate(items, { task: 'boxes', categories: PETS })
    expect(figures['APs']).toBeCloseTo(1, 12)
    expect(figures['AP']).toBeCloseTo(1 / 3, 12)
  })

  it('counts a COCO record with keypoints and a region once', async () => {
    const same = { group: 'coco:1', sourceId: 1, box: [0, 0, 10, 10] as const, category: 'cat' }
    const items = [
      item(
        '1',
        [
          { uid: 'a', ...same, type: 'points', points: [1, 1], visibility: [2] },
          { uid: 'b', ...same, type: 'polygon', parts: [[[0, 0, 10, 0, 10, 10]]] },
        ],
        [],
      ),
    ]
    const { categories: each } = await evaluate(items, { task: 'boxes', categories: PETS })
    expect(each[0]?.objects).toBe(1)
  })
})

describe('evaluatorOf boxes by VOC', () => {
  const voc = { task: 'boxes', protocol: 'voc', categories: categories('cat') } as const

  it('gives the area below the curve and the mean of eleven points', async () => {
    // Right, wrong, right of three objects: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3.
    const items = [
      item(
        '1',
        [0, 100, 200].map((x) => box(`t${x}`, 'cat', [x, 0, 20, 20])),
        [
          box('1', 'cat', [0, 0, 20, 20], { score: 0.9 }),
          box('2', 'cat', [0, 300, 20, 20], { score: 0.8 }),
          box('3', 'cat', [100, 0, 20, 20], { score: 0.7 }),
        ],
      ),
    ]
    const { figures } = await evaluate(items, voc)
    expect(figures['mAP']).toBeCloseTo(1 / 3 + (1 / 3) * (2 / 3), 12)
    // Four recalls up to 0.3 at 1, three up to 0.6 at 2/3, none beyond.
    expect(figures['mAP11']).toBeCloseTo((4 + 3 * (2 / 3)) / 11, 12)
  })

  it('neither wants nor blames what is difficult, and takes the second find of an object as wrong', () => {
    const difficult = { attributes: { difficult: true } }
    const evaluator = evaluatorOf(voc)
    const matches = evaluator.matches(
      item(
        '1',
        [box('a', 'cat', [0, 0, 20, 20]), box('b', 'cat', [100, 0, 20, 20], difficult)],
        [
          box('1', 'cat', [0, 0, 20, 20], { score: 0.9 }),
          box('2', 'cat', [1, 0, 20, 20], { score: 0.8 }),
          box('3', 'cat', [100, 0, 20, 20], { score: 0.7 }),
        ],
      ),
    )
    expect(matches.map(({ outcome, found }) => [found?.uid, outcome])).toEqual([
      ['1', 'true-positive'],
      ['2', 'false-positive'],
      ['3', 'ignored'],
    ])
  })

  it('takes keypoints and a region of one record as one object', async () => {
    const same = { group: 'coco:1', sourceId: 1, box: [0, 0, 20, 20] as const, category: 'cat' }
    const truth = [
      { uid: 'a', ...same, type: 'points', points: [1, 1], visibility: [2] } as const,
      { uid: 'b', ...same, type: 'polygon', parts: [[[0, 0, 20, 0, 20, 20]]] } as const,
    ]
    const found = [box('1', 'cat', [0, 0, 20, 20], { score: 0.9 })]
    const { figures, categories: each } = await evaluate([item('1', truth, found)], voc)
    expect(each[0]?.objects).toBe(1)
    expect(figures['mAP']).toBe(1)
  })

  it('counts both pixels at the ends of a side', () => {
    // 10 × 10 pixels each, 5 × 10 shared: 50 of 150.
    const pair = item(
      '1',
      [box('a', 'cat', [0, 0, 9, 9])],
      [box('1', 'cat', [5, 0, 9, 9], { score: 1 })],
    )
    const [match] = evaluatorOf({ ...voc, iou: 1 / 3 }).matches(pair)
    expect(match?.overlap).toBeCloseTo(1 / 3, 12)
    expect(evaluatorOf({ ...voc, iou: 0.34 }).matches(pair)[0]?.outcome).toBe('false-positive')
  })
})

describe('evaluatorOf classification', () => {
  it('gives accuracy and the means of precision, recall and F1', async () => {
    // By hand: cat 1 right of 2 said and 2 there, dog 1 of 2 said and 1 there, hen none of 1 there.
    const items = [
      item('1', [label('a', 'cat')], [label('1', 'cat', 0.9), label('2', 'dog', 0.1)]),
      item('2', [label('a', 'cat')], [label('1', 'dog', 0.6), label('2', 'cat', 0.4)]),
      item('3', [label('a', 'dog')], [label('1', 'dog', 0.7)]),
      item('4', [label('a', 'hen')], [label('1', 'cat', 0.8)]),
      item('5', [], [label('1', 'cat', 0.8)]),
    ]
    const options = {
      task: 'classification',
      categories: categories('cat', 'dog', 'hen', 'owl'),
    } as const
    const { figures, items: count, confusion } = await evaluate(items, options)
    expect(count).toBe(4)
    const wanted = {
      accuracy: 0.5,
      top5: 0.75,
      macroPrecision: (1 / 2 + 1 / 2 + 0) / 3,
      microPrecision: 0.5,
      weightedPrecision: (2 * (1 / 2) + 1 / 2) / 4,
      macroRecall: (1 / 2 + 1 + 0) / 3,
      weightedRecall: 0.5,
      macroF1: (1 / 2 + 2 / 3 + 0) / 3,
      weightedF1: (2 * (1 / 2) + 2 / 3) / 4,
    }
    for (const [name, value] of Object.entries(wanted)) expect(figures[name]).toBeCloseTo(value, 12)
    expect(confusion?.counts).toEqual([
      [1, 1, 0, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ])
  })

  it('takes every label of at least the score where items have several', async () => {
    const items = [
      item(
        '1',
        [label('a', 'cat'), label('b', 'dog')],
        [label('1', 'cat', 0.9), label('2', 'hen', 0.6), label('3', 'dog', 0.2)],
      ),
      item('2', [label('a', 'hen')], [label('1', 'hen', 0.9)]),
    ]
    const { figures } = await evaluate(items, {
      task: 'classification',
      categories: PETS,
      isMultiLabel: true,
    })
    expect(figures['accuracy']).toBe(0.5)
    // Right: cat, hen; wrong: hen; missed: dog.
    expect(figures['microPrecision']).toBeCloseTo(2 / 3, 12)
    expect(figures['microRecall']).toBeCloseTo(2 / 3, 12)
  })
})

describe('evaluatorOf segmentation', () => {
  const size = { width: 4, height: 1 }
  const row = item(
    '1',
    [stretch('a', 'cat', [0, 2]), stretch('b', 'dog', [2, 3])],
    [stretch('1', 'cat', [0, 1]), stretch('2', 'dog', [1, 3])],
    size,
  )

  it('gives the shares of pixels, with those nobody names as a class', async () => {
    const { figures } = await evaluate([row], { task: 'segmentation', categories: PETS })
    expect(figures['pixelAccuracy']).toBeCloseTo(3 / 4, 12)
    expect(figures['meanAccuracy']).toBeCloseTo((1 / 2 + 1 + 1) / 3, 12)
    expect(figures['mIoU']).toBeCloseTo((1 / 2 + 1 / 2 + 1) / 3, 12)
    expect(figures['fwIoU']).toBeCloseTo((2 * (1 / 2) + 1 / 2 + 1) / 4, 12)
    expect(figures['Dice']).toBeCloseTo((2 / 3 + 2 / 3 + 1) / 3, 12)
  })

  it('leaves out pixels without truth, and those of categories to ignore', async () => {
    const options = { task: 'segmentation', categories: PETS, background: 'ignore' } as const
    const { figures } = await evaluate([row], options)
    expect(figures['pixelAccuracy']).toBeCloseTo(2 / 3, 12)
    expect(figures['mIoU']).toBeCloseTo(1 / 2, 12)
    const { figures: without } = await evaluate([row], { ...options, ignored: ['dog'] })
    expect(without['pixelAccuracy']).toBeCloseTo(1 / 2, 12)
  })

  it('draws what has the higher z-order above', async () => {
    const layered = item(
      '1',
      [stretch('a', 'cat', [0, 4], { zOrder: 2 }), stretch('b', 'dog', [0, 4], { zOrder: 1 })],
      [stretch('1', 'cat', [0, 4])],
      size,
    )
    const { figures } = await evaluate([layered], { task: 'segmentation', categories: PETS })
    expect(figures['mIoU']).toBe(1)
  })

  it('passes over items of which it does not know the size', async () => {
    const { items } = await evaluate([item('1', row.truth, row.found)], {
      task: 'segmentation',
      categories: PETS,
    })
    expect(items).toBe(0)
  })
})

describe('evaluatorOf panoptic', () => {
  it('leaves void pixels out of unions', async () => {
    const items = [
      item('1', [stretch('a', 'cat', [0, 4])], [stretch('1', 'cat', [0, 6])], {
        width: 9,
        height: 1,
      }),
    ]
    const { figures } = await evaluate(items, { task: 'panoptic', categories: PETS })
    expect(figures['SQ']).toBe(1)
  })

  const sky = { key: 'sky', name: 'sky', isThing: false }
  const options = { task: 'panoptic', categories: [...PETS, sky] } as const
  const size = { width: 20, height: 1 }

  it('multiplies how well segments are segmented and recognised', async () => {
    const items = [
      item(
        '1',
        [
          stretch('a', 'cat', [0, 4]),
          stretch('b', 'sky', [4, 8]),
          stretch('c', 'dog', [8, 10]),
          stretch('d', 'dog', [10, 14], { crowd: true }),
        ],
        [
          stretch('1', 'cat', [0, 5]),
          stretch('2', 'sky', [5, 8]),
          // Most of it on a crowd of its category, or on nothing: neither right nor wrong.
          stretch('3', 'dog', [11, 14]),
          stretch('4', 'hen', [15, 18]),
          stretch('5', 'hen', [8, 10]),
        ],
        size,
      ),
    ]
    const { figures, categories: each } = await evaluate(items, options)
    const of = (key: string): unknown => each.find(({ category }) => category === key)?.figures
    expect(of('cat')).toEqual({ PQ: 4 / 5, SQ: 4 / 5, RQ: 1, TP: 1, FP: 0, FN: 0 })
    expect(of('sky')).toEqual({ PQ: 3 / 4, SQ: 3 / 4, RQ: 1, TP: 1, FP: 0, FN: 0 })
    expect(of('dog')).toEqual({ PQ: 0, SQ: 0, RQ: 0, TP: 0, FP: 0, FN: 1 })
    expect(of('hen')).toEqual({ PQ: 0, SQ: 0, RQ: 0, TP: 0, FP: 1, FN: 0 })
    expect(figures['PQ']).toBeCloseTo((4 / 5 + 3 / 4) / 4, 12)
    expect(figures['PQThings']).toBeCloseTo(4 / 5 / 3, 12)
    expect(figures['PQStuff']).toBeCloseTo(3 / 4, 12)
  })
})
