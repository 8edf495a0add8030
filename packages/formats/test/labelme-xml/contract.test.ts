import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'
import type { TestDataset } from '../arbitraries.ts'

testAdapter('labelme-xml', await loadAdapter('labelme-xml'), {
  runs: 25,
  rewritesSameBytes: true,
  adds: ['sourceId', 'box'],
  prepare: withSimplePolygons,
})

/** The polygons of LabelMe have one ring. */
function withSimplePolygons({ schema, items }: TestDataset): TestDataset {
  return {
    schema,
    items: items.map((item) => ({
      ...item,
      layers: {
        ground_truth: (item.layers['ground_truth'] ?? []).map((draft) =>
          draft.type === 'polygon' ? { ...draft, parts: draft.parts.slice(0, 1) } : draft,
        ),
      },
    })),
  }
}
