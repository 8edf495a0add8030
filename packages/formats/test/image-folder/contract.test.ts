import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

const adapter = await loadAdapter('image-folder')
const flatIds = ['1', 'a b', 'straße', 'z', '0001.front']

testAdapter('image-folder', adapter, { shape: { ids: flatIds } })
testAdapter('image-folder classes', adapter, {
  variant: 'classes',
  shape: { mustHaveCategory: true },
})
