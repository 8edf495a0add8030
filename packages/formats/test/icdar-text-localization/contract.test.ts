import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('icdar-text-localization', await loadAdapter('icdar-text-localization'), { runs: 25 })
