import { loadAdapter } from '@dsv/formats'
import { describe } from '@jest/globals'
import { testAdapter } from '../adapter-contract.ts'

const adapter = await loadAdapter('cityscapes')

describe('classes of a file', () => {
  testAdapter('cityscapes', adapter, { runs: 25, adds: ['sourceId'] })
})

describe('the usual classes', () => {
  const categories = ['car', 'traffic light', 'person', 'unlabeled', 'parking']
  testAdapter('cityscapes', adapter, { runs: 15, adds: ['sourceId'], shape: { categories } })
  testAdapter('cityscapes train-ids', adapter, {
    runs: 10,
    variant: 'train-ids',
    shape: { categories },
  })
})
