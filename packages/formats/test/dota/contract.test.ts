import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('dota', await loadAdapter('dota'), {
  runs: 25,
  // What nobody says of a quad is that it is not difficult.
  normalise: ({ attributes, ...annotation }) => ({
    ...annotation,
    attributes: { difficulty: 0, ...attributes },
  }),
})
