import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('create-ml', await loadAdapter('create-ml'), { runs: 25, rewritesSameBytes: true })
