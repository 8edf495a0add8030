import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('cifar', await loadAdapter('cifar'), { runs: 25 })
