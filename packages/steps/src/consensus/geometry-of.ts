import type { Annotation, Geometry } from '@dsv/core'

/** Returns what an annotation says of its place and content, without what every annotation may say. */
export function geometryOf(annotation: Annotation): Geometry {
  const {
    uid: _uid,
    category: _category,
    attributes: _attributes,
    score: _score,
    group: _group,
    track: _track,
    zOrder: _zOrder,
    occluded: _occluded,
    outside: _outside,
    truncated: _truncated,
    sourceId: _sourceId,
    provenance: _provenance,
    box: _box,
    area: _area,
    crowd: _crowd,
    extra: _extra,
    ...geometry
  } = annotation
  return geometry
}
