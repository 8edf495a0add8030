import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

// Datumaro always says how a shape is stacked.
testAdapter('datumaro', await loadAdapter('datumaro'), { adds: ['zOrder'] })
