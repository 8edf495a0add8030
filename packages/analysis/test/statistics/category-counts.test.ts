import { categoryCounts, categoryCountsText, labelmapText } from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'

const view = memoryDatasetView(
  {
    categories: ['Pedestrian', 'Car', 'Bus'].map((name) => ({ key: name.toLowerCase(), name })),
    attributes: [],
    info: {},
  },
  [
    {
      subset: 'default',
      id: 'frame_000000',
      media: [],
      layers: { ground_truth: [{ type: 'label', category: 'car' }, { type: 'label' }] },
    },
    {
      subset: 'default',
      id: 'frame_000001',
      media: [],
      layers: {
        ground_truth: [
          { type: 'label', category: 'pedestrian' },
          { type: 'label', category: 'car' },
        ],
        'predictions/x': [{ type: 'label', category: 'bus' }],
      },
    },
  ],
)

describe('what the workflow with tinyvoc leaves behind', () => {
  it('is its metrics.json, byte for byte: labels as they are first seen', async () => {
    const counts = await categoryCounts([{ path: 'movie1', view }])
    expect(categoryCountsText(counts)).toBe('{"Car": 2, "Pedestrian": 1}')
  })

  it('is its labelmap.txt, byte for byte', async () => {
    const counts = await categoryCounts([{ path: 'movie1', view }])
    expect(labelmapText(counts.keys())).toBe('Car:0,0,0::\nPedestrian:0,0,0::')
  })

  it('is written as Python writes it where names are not plain, and of nothing', () => {
    const counts = new Map([
      ['2', 1],
      ['1', 2],
      ['é"\\\n\u007F😀', 3],
    ])
    expect(categoryCountsText(counts)).toBe(
      String.raw`{"2": 1, "1": 2, "\u00e9\"\\\n\u007f\ud83d\ude00": 3}`,
    )
    expect(categoryCountsText(new Map())).toBe('{}')
  })
})
