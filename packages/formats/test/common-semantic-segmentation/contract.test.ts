import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('common-semantic-segmentation', await loadAdapter('common-semantic-segmentation'), {
  runs: 25,
})
