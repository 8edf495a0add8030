import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'
import type { TestDataset } from '../arbitraries.ts'

const vott = await loadAdapter('vott-json')

testAdapter('vott-json', vott, {
  runs: 25,
  rewritesSameBytes: true,
  adds: ['sourceId'],
  prepare: withSimpleShapes,
})

/** VoTT has polygons of one ring. */
function withSimpleShapes({ schema, items }: TestDataset): TestDataset {
  return {
    schema,
    items: items.map((item) => ({
      ...item,
      layers: {
        ground_truth: (item.layers['ground_truth'] ?? []).map((draft) => {
          if (draft.type === 'polygon') return { ...draft, parts: draft.parts.slice(0, 1) }
          if (draft.type !== 'points') return draft
          return { ...draft, points: draft.points.slice(0, 2), visibility: [2] }
        }),
      },
    })),
  }
}
