import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

testAdapter('segment-anything', await loadAdapter('segment-anything'), {
  runs: 25,
  shape: { types: ['mask', 'box'] },
  // Every mask has an id, a box and an area.
  adds: ['sourceId', 'box', 'area'],
})
