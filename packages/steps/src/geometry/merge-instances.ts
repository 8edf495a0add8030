import {
  type AnnotatedItem,
  type Annotation,
  type DatasetContent,
  type Mask,
  maskArea,
  maskGeometry,
  mergeMasks,
  imageSize,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapItems, mapLayers } from '../map-items.ts'
import type { Step } from '../step.ts'
import { toMask } from './to-mask.ts'
import { withGeometry } from './with-geometry.ts'

/** Joins the masks of one object into one. */
export const mergeInstances: Step = defineStep({
  name: 'merge-instances',
  summary: 'Join the masks of a group into one',
  isItemwise: true,
  options: {
    'include-polygons': { type: 'boolean', describe: 'Polygons become part of the mask too' },
  },
  apply: async (
    [input],
    { 'include-polygons': includePolygons = false },
    { onNote },
  ): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const items = mapItems(input.view, (item) =>
      mapLayers(item, (annotations) =>
        merged(annotations, { item, includePolygons }, (what) =>
          onNote({ what, where: `${item.subset}/${item.id}` }),
        ),
      ),
    )
    return { schema: input.view.schema, items }
  },
})

/** An annotation with the pixels it covers. */
interface Segment {
  readonly annotation: Annotation
  readonly mask: Mask
}

function merged(
  annotations: readonly Annotation[],
  { item, includePolygons }: { readonly item: AnnotatedItem; readonly includePolygons: boolean },
  note: (what: string) => void,
): readonly Annotation[] {
  const size = imageSize(item)
  const instances = new Map<string, Segment[]>()
  for (const annotation of annotations) {
    const { type } = annotation
    if (type !== 'mask' && !(includePolygons && type === 'polygon')) continue
    const mask = toMask(annotation, size)
    if (mask === undefined) {
      note(`${type} not joined: it is malformed, or the size of its image is not known`)
      continue
    }
    const key = instanceKey(annotation, mask)
    instances.set(key, [...(instances.get(key) ?? []), { annotation, mask }])
  }
  const places = new Map<Annotation, Annotation | undefined>()
  for (const segments of instances.values()) {
    for (const { annotation } of segments) places.set(annotation, undefined)
    const leader = largest(segments)
    places.set(leader, joined(leader, segments))
  }
  return annotations.flatMap((annotation) =>
    places.has(annotation) ? (places.get(annotation) ?? []) : [annotation],
  )
}

/** Segments of one object: same group, category, and size of the mask. Without a group each is an object. */
function instanceKey({ uid, group, category, crowd }: Annotation, { width, height }: Mask): string {
  const object = group === undefined ? { uid } : { group }
  return JSON.stringify([object, category ?? null, crowd ?? false, width, height])
}

/** The largest segment gives the joined one its uid and what else is said of it. */
function largest(segments: readonly Segment[]): Annotation {
  const [first, ...others] = segments
  if (first === undefined) throw new TypeError('No segments')
  return others.reduce(
    (best, each) => (maskArea(each.mask) > maskArea(best.mask) ? each : best),
    first,
  ).annotation
}

function joined(leader: Annotation, segments: readonly Segment[]): Annotation {
  if (segments.length === 1 && leader.type === 'mask') return leader
  const mask = mergeMasks(
    segments.map((segment) => segment.mask),
    'union',
  )
  return withGeometry(leader, maskGeometry(mask), { keepsBox: segments.length === 1 })
}
