import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('webdataset', await loadAdapter('webdataset'), { runs: 25, rewritesSameBytes: true })
