import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('imagenet-txt', await loadAdapter('imagenet-txt'), {
  runs: 25,
  rewritesSameBytes: true,
})
