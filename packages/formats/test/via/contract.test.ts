import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'
import type { TestDataset } from '../arbitraries.ts'

const via = await loadAdapter('via')

testAdapter('via', via, { runs: 25, rewritesSameBytes: true, prepare: withSimpleShapes })
// Without a project nothing says which attribute is the class, unless all have it.
testAdapter('via annotations', via, {
  runs: 25,
  variant: 'annotations',
  shape: { mustHaveCategory: true },
  prepare: withSimpleShapes,
})

/** VIA has polygons of one ring, and single points. */
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
