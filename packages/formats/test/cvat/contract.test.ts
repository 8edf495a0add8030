import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

const cvat = await loadAdapter('cvat')
/** CVAT always says whether a shape is hidden and how it is stacked. */
const adds = ['occluded', 'outside', 'zOrder']

testAdapter('cvat', cvat, { adds, normalise: nearAngle })
testAdapter('cvat video', cvat, { adds, variant: 'video', normalise: nearAngle })

/** Angles are written in degrees from 0 to 360, which costs the last bit of some. */
function nearAngle(annotation: AnnotationDraft): AnnotationDraft {
  if (annotation.type !== 'rotated-box') return annotation
  return { ...annotation, angle: Number(annotation.angle.toFixed(12)) }
}
