import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

const adapter = await loadAdapter('hugging-face')

testAdapter('hugging-face', adapter, { runs: 25, rewritesSameBytes: true })
testAdapter('hugging-face parquet', adapter, {
  runs: 10,
  variant: 'parquet',
  rewritesSameBytes: true,
})
