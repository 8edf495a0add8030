import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('tabular', await loadAdapter('tabular'), { runs: 25, rewritesSameBytes: true })
