import type { Annotation } from '@dsv/core'

/**
 * Returns the annotations that are objects of their own where boxes are compared: a COCO record with keypoints and a
 * region is two annotations of one group, and one object.
 */
export function distinctObjects(annotations: readonly Annotation[]): readonly Annotation[] {
  const regions = new Set<string>()
  for (const { type, group, sourceId } of annotations)
    if (type !== 'points' && group !== undefined) regions.add(`${group} ${sourceId}`)
  if (regions.size === 0) return annotations
  return annotations.filter(
    ({ type, group, sourceId }) =>
      type !== 'points' || group === undefined || !regions.has(`${group} ${sourceId}`),
  )
}
