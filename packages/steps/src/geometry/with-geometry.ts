import { type Annotation, type Geometry, isFieldOf } from '@dsv/core'

/**
 * Returns the annotation with another geometry. The area that the source stated goes, as it was that of the old one; a
 * box that it stated beside the old one stays when `keepsBox`: the new one shows the same thing.
 */
export function withGeometry(
  annotation: Annotation,
  geometry: Geometry,
  { keepsBox }: { readonly keepsBox: boolean },
): Annotation {
  const common = Object.entries(annotation).filter(
    // A label has the fields that all have, and no other.
    ([name]) => isFieldOf('label', name) && name !== 'area' && (keepsBox || name !== 'box'),
  )
  return { uid: annotation.uid, ...Object.fromEntries(common), ...geometry }
}
