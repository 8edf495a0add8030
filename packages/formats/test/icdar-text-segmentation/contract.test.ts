import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('icdar-text-segmentation', await loadAdapter('icdar-text-segmentation'), {
  runs: 25,
  // Every letter has a box and a colour.
  prepare: ({ schema, items }) => ({
    schema,
    items: items.map((item) => ({
      ...item,
      layers: {
        ground_truth: (item.layers['ground_truth'] ?? []).map((draft, at): AnnotationDraft => {
          return { ...draft, box: [at, 0.5, 2, 2] }
        }),
      },
    })),
  }),
  normalise: ({ attributes, ...annotation }) => ({
    ...annotation,
    attributes: Object.fromEntries(
      Object.entries(attributes ?? {}).filter(([name]) => name !== 'color'),
    ),
  }),
})
