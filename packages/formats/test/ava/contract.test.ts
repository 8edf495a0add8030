import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('ava', await loadAdapter('ava'), { runs: 25, shape: { types: ['box', 'label'] } })
