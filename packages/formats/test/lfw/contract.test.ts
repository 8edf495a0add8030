import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('lfw', await loadAdapter('lfw'), {
  runs: 25,
  // What a label says, the landmarks say too.
  adds: ['category'],
})
