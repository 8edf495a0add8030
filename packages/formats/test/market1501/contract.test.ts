import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('market1501', await loadAdapter('market1501'), {
  runs: 25,
  shape: { types: ['label', 'box'] },
})
