import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

const adapter = await loadAdapter('tf-detection-api')
// What one object of an image says the others say too; a mask always has a box.
const adds = ['area', 'box', 'crowd', 'score', 'truncated']

testAdapter('tf-detection-api', adapter, { adds })
testAdapter('tf-detection-api roboflow', adapter, { adds, variant: 'roboflow', runs: 20 })
