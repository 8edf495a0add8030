import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('wider-face', await loadAdapter('wider-face'), {
  runs: 25,
  adds: ['occluded'],
  // What nobody says of a box is 0.
  normalise: ({ attributes, ...annotation }) => ({
    ...annotation,
    ...(annotation.type === 'box' && {
      attributes: {
        blur: 0,
        expression: 0,
        illumination: 0,
        invalid: false,
        occlusion: annotation.occluded === true ? 1 : 0,
        pose: 0,
        ...attributes,
      },
    }),
  }),
})
