import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('icdar-text-segmentation', await loadAdapter('icdar-text-segmentation'), {
  runs: 25,
  adds: ['box'],
  // Every letter has a colour.
  normalise: ({ attributes, ...annotation }) => ({
    ...annotation,
    attributes: Object.fromEntries(
      Object.entries(attributes ?? {}).filter(([name]) => name !== 'color'),
    ),
  }),
})
