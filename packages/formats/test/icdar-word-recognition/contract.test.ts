import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('icdar-word-recognition', await loadAdapter('icdar-word-recognition'), { runs: 25 })
