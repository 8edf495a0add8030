import { vocAdapter } from '../../src/voc/index.ts'
import { testAdapter } from '../adapter-contract.ts'

// An object without a name is no object of VOC; that it is reported has a test of its own.
testAdapter('voc', vocAdapter, { shape: { mustHaveCategory: true } })
testAdapter('voc flat', vocAdapter, {
  variant: 'flat',
  shape: { types: ['box'], mustHaveCategory: true },
})
