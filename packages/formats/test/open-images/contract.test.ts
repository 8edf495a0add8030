import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

// Every row has a confidence, and every mask a box.
testAdapter('open-images', await loadAdapter('open-images'), { adds: ['score', 'box'] })
