import { loadAdapter } from '@dsv/formats'
import { describe } from '@jest/globals'
import { testAdapter } from '../adapter-contract.ts'

const adapter = await loadAdapter('kitti')

describe('classes of a file', () => {
  testAdapter('kitti', adapter, { runs: 25, adds: ['sourceId'] })
})

describe('the usual classes', () => {
  const categories = ['car', 'traffic light', 'person', 'unlabeled', 'parking']
  testAdapter('kitti', adapter, { runs: 25, adds: ['sourceId'], shape: { categories } })
})
