import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

// Made-up annotations refer to no files: all of them are lost.
testAdapter('common-super-resolution', await loadAdapter('common-super-resolution'), {
  runs: 25,
  shape: { types: ['label'] },
})
