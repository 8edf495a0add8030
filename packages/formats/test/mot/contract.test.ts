import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('mot', await loadAdapter('mot'), {
  runs: 25,
  shape: { ids: ['1', '2', '10', 'MOT17-02/1', 'a/b/7'], subsets: ['train', 'val', 'default'] },
  // What the file does not say is that a box counts and is seen.
  adds: ['occluded'],
  normalise: ({ attributes, ...annotation }) => ({
    ...annotation,
    attributes: {
      ignored: false,
      visibility: annotation.occluded === true ? 0 : 1,
      ...attributes,
    },
  }),
})
