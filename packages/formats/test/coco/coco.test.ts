import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

const coco = await loadAdapter('coco')
const adds = ['box', 'area', 'crowd', 'sourceId']

testAdapter('coco', coco, { adds, rewritesSameBytes: true })
testAdapter('coco keypoints', coco, { adds, variant: 'keypoints' })
