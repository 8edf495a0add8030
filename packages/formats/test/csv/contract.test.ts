import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('csv', await loadAdapter('csv'), { runs: 25, rewritesSameBytes: true })
