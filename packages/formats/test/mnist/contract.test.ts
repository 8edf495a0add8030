import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('mnist', await loadAdapter('mnist'), { runs: 25 })
