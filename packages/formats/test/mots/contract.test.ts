import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('mots', await loadAdapter('mots'), {
  runs: 25,
  // Every pixel has an instance, so every mask has a track.
  prepare: ({ schema, items }) => ({
    schema,
    items: items.map((item) => ({
      ...item,
      layers: {
        ground_truth: (item.layers['ground_truth'] ?? []).map((draft, at) => {
          return { ...draft, track: at * 3 }
        }),
      },
    })),
  }),
})
