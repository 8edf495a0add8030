import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('roboflow-multiclass', await loadAdapter('roboflow-multiclass'), {
  runs: 25,
  rewritesSameBytes: true,
})
