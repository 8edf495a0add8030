import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('camvid', await loadAdapter('camvid'), { runs: 25 })
