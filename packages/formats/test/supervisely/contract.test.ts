import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('supervisely', await loadAdapter('supervisely'), {
  runs: 25,
  // A polygon of several parts becomes several objects.
  prepare: ({ schema, items }) => ({
    schema,
    items: items.map((item) => ({
      ...item,
      layers: {
        ground_truth: (item.layers['ground_truth'] ?? []).map((draft): AnnotationDraft => {
          return draft.type === 'polygon' ? { ...draft, parts: draft.parts.slice(0, 1) } : draft
        }),
      },
    })),
  }),
})
