import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

const fiftyone = await loadAdapter('fiftyone')

// Every mask has a box.
testAdapter('fiftyone', fiftyone, { runs: 15, rewritesSameBytes: true, adds: ['box'] })
testAdapter('fiftyone image detection', fiftyone, {
  runs: 10,
  variant: 'image-detection',
  shape: { types: ['box'] },
  rewritesSameBytes: true,
})
testAdapter('fiftyone image classification', fiftyone, {
  runs: 10,
  variant: 'image-classification',
  shape: { types: ['label'] },
  rewritesSameBytes: true,
})
