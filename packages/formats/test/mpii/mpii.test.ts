import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'
import { type Mat, matFile } from './mat-file.ts'

const adapter = await loadAdapter('mpii')
const IMAGE = placeholder({ width: 640, height: 480 })
const NAME = 'mpii_human_pose_v1_u12_1.mat'

const POINTS: Mat = [
  { id: 9, x: 5, y: 6, is_visible: '' },
  { id: 0, x: 1.5, y: 2, is_visible: 0 },
  { id: 2, x: 3, y: 4, is_visible: '1' },
]
const PERSON = { x1: 10, y1: 20, x2: 40, y2: 60, scale: 3.5, objpos: [{ x: 7, y: 8 }] }
const RELEASE: Mat = [
  {
    annolist: [
      { image: [{ name: 'a.jpg' }], annorect: [{ ...PERSON, annopoints: [{ point: POINTS }] }] },
      { image: [{ name: 'b.jpg' }], annorect: [{ scale: 1, objpos: [{ x: 1, y: 2 }] }] },
    ],
  },
]

describe('the MATLAB file of MPII', () => {
  it.each([false, true])('is read with joints in their places, compressed: %s', async (packed) => {
    const folder = memoryFolder([
      [NAME, matFile(RELEASE, packed)],
      ['images/a.jpg', IMAGE],
    ])
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories[0]?.skeleton?.points).toHaveLength(16)
    const seen = [1, 0, 2, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    const places = new Map([
      [0, 1.5],
      [1, 2],
      [4, 3],
      [5, 4],
      [18, 5],
      [19, 6],
    ])
    expect(items.map(({ id, media, layers }) => [id, media[0]?.path, layers])).toEqual([
      [
        'a',
        'images/a.jpg',
        {
          ground_truth: [
            {
              type: 'points',
              category: 'human',
              group: 1,
              points: Array.from({ length: 32 }, (_, at) => places.get(at) ?? 0),
              visibility: seen,
              attributes: { scale: 3.5, center: [7, 8] },
            },
            { type: 'box', category: 'human', group: 1, x: 10, y: 20, width: 30, height: 40 },
          ],
        },
      ],
      [
        'b',
        'images/b.jpg',
        {
          ground_truth: [
            {
              type: 'points',
              category: 'human',
              group: 1,
              points: [],
              visibility: [],
              attributes: { scale: 1, center: [1, 2] },
            },
          ],
        },
      ],
    ])
  })

  it('gives our errors, or none, whatever it holds', async () => {
    const whole = matFile(RELEASE)
    for (let at = 0; at < whole.length; at += 3) {
      const cut = memoryFolder([[NAME, whole.subarray(0, at)]])
      const { items } = await readAll(adapter, cut, { onError: 'skip' })
      expect(items.length).toBeLessThanOrEqual(2)
      const wrong = Buffer.from(whole)
      wrong[at] = 0xff
      await expect(
        readAll(adapter, memoryFolder([[NAME, wrong]]), { onError: 'skip' }),
      ).resolves.toBeDefined()
    }
  })
})

describe('the JSON file of MPII', () => {
  const person = (x: number): readonly (readonly number[])[] =>
    Array.from({ length: 16 }, (_, at) => (at === 0 ? [x, 2, 1] : at === 1 ? [x, 3, 0] : [0, 0, 0]))
  const record = { img_paths: 'a.jpg', isValidation: 1, scale_provided: 2, objpos: [1, 2] }
  const records = [
    {
      ...record,
      joint_self: person(5),
      joint_others: person(9),
      objpos_other: [3, 4],
      scale_provided_other: 1.5,
      numOtherPeople: 1,
    },
    {
      ...record,
      joint_self: person(9),
      objpos: [3, 4],
      joint_others: [person(5)],
      objpos_other: [[1, 2]],
    },
    { ...record, img_paths: 'b.jpg', isValidation: 0, joint_self: person(1), joint_others: [] },
  ]

  it('is read with each person once', async () => {
    const folder = memoryFolder([['mpii_annotations.json', JSON.stringify(records)]])
    const { items } = await readAll(adapter, folder)
    const rows = items.map(({ subset, id, layers }) => [
      subset,
      id,
      layers['ground_truth']?.map((draft) =>
        draft.type === 'points'
          ? [draft.points.slice(0, 4), draft.visibility.slice(0, 3), draft.attributes]
          : draft.type,
      ),
    ])
    expect(rows).toEqual([
      [
        'val',
        'a',
        [
          [[5, 2, 5, 3], [2, 1, 0], { scale: 2, center: [1, 2] }],
          [[9, 2, 9, 3], [2, 1, 0], { scale: 1.5, center: [3, 4] }],
        ],
      ],
      ['train', 'b', [[[1, 2, 1, 3], [2, 1, 0], { scale: 2, center: [1, 2] }]]],
    ])
  })

  it('is recognised by its fields', async () => {
    const folder = memoryFolder([['any.json', JSON.stringify(records)]])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'mpii' })
    expect((await adapter.detect(memoryFolder([['any.json', '[{"a": 1}]']]))).confidence).toBe(0)
  })

  it.each([
    [[{ ...record, joint_self: 1 }], /a person without joints/],
    [[{ ...record, joint_self: [[1, 2]] }], /a joint that is not three numbers/],
    [[{ joint_self: [] }], /\[0\] has no img_paths/],
  ])('names what is wrong: %#', async (json, message) => {
    const folder = memoryFolder([['mpii_annotations.json', JSON.stringify(json)]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(adapter, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('mpii')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s, but that a joint that can be seen is 2', async (asset, fact) => {
    const { items } = await readAll(adapter, diskFolder(assetPath(asset)))
    const read = items.map(({ subset, id, media, layers }) => [
      `${subset}/${id}`,
      media[0]?.path,
      [media[0]?.height, media[0]?.width],
      layers['ground_truth']?.map((draft) => {
        const { group, attributes } = draft
        if (draft.type === 'box') {
          const { x, y, width, height } = draft
          return { type: 'bbox', group, numbers: [x, y, width, height].map((n) => n.toFixed(6)) }
        }
        if (draft.type !== 'points') return draft.type
        const visibility = draft.visibility.map((seen) => seen - 1)
        // Datumaro rounds points to two decimals, and keeps 32 bits of them.
        const numbers = draft.points.map((n) => Math.fround(Number(n.toFixed(2))))
        return { type: 'points', group, attributes, visibility, numbers }
      }),
    ])
    const expected = fact.items.map(({ subset, id, media, annotations }) => [
      `${subset}/${id}`,
      media?.path,
      media?.size_hw,
      annotations.map(({ type, group, attributes, visibility, points, xywh }) =>
        type === 'bbox'
          ? { type, group, numbers: numbersOf(xywh).map((n) => n.toFixed(6)) }
          : { type, group, attributes, visibility, numbers: points },
      ),
    ])
    expect(read).toEqual(expected)
  })
})

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : []
}
