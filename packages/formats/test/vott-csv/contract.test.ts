import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('vott-csv', await loadAdapter('vott-csv'), { runs: 25, rewritesSameBytes: true })
