import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('image-zip', await loadAdapter('image-zip'), {
  shape: { types: ['label', 'box'] },
  runs: 25,
  rewritesSameBytes: true,
})
