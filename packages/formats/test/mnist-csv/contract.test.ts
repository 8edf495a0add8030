import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('mnist-csv', await loadAdapter('mnist-csv'), { runs: 25 })
