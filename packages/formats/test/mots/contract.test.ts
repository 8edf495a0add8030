import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

// Every pixel has an instance.
testAdapter('mots', await loadAdapter('mots'), { runs: 25, adds: ['track'] })
