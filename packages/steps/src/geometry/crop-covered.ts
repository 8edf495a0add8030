import {
  type Annotation,
  type DatasetContent,
  type Geometry,
  type ImageExtent,
  type Mask,
  maskArea,
  maskGeometry,
  maskToPolygon,
  mergeMasks,
  imageSize,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapItems, mapLayers } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'
import { toMask } from './to-mask.ts'
import { withGeometry } from './with-geometry.ts'

/** Cuts from segments what others cover that lie above them. */
export const cropCovered: Step = defineStep({
  name: 'crop-covered',
  summary: 'Cut from masks and polygons what others with a higher z-order cover',
  isItemwise: true,
  options: {
    where: { type: 'string', describe: 'A query: only masks and polygons that match' },
  },
  apply: async ([input], { where }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { schema } = input.view
    const selection = selectionOf(where, schema, context)
    const items = mapItems(input.view, (item) => {
      const selected = selection.annotationsOf(item)
      const size = imageSize(item)
      return mapLayers(item, (annotations) => {
        const segments = annotations.filter(
          (each) => (each.type === 'mask' || each.type === 'polygon') && selected.has(each),
        )
        const cut = cutSegments(segments, size, (what) =>
          context.onNote({ what, where: `${item.subset}/${item.id}` }),
        )
        return annotations.flatMap((each) => (cut.has(each) ? (cut.get(each) ?? []) : [each]))
      })
    })
    return { schema, items }
  },
})

/** What becomes of segments that are covered, from the highest down; undefined where nothing of one is left. */
function cutSegments(
  segments: readonly Annotation[],
  size: ImageExtent | undefined,
  note: (what: string) => void,
): ReadonlyMap<Annotation, Annotation | undefined> {
  const cut = new Map<Annotation, Annotation | undefined>()
  const levels = [...new Set(segments.map(levelOf))].toSorted((a, b) => b - a)
  if (levels.length < 2) return cut
  let covered: Mask | undefined
  for (const level of levels) {
    const masks: Mask[] = []
    for (const segment of segments.filter((each) => levelOf(each) === level)) {
      const mask = toMask(segment, size)
      const isOfSize = covered === undefined || (mask !== undefined && isSameSize(mask, covered))
      if (mask === undefined || !isOfSize || masks.some((each) => !isSameSize(each, mask))) {
        note(`${segment.type} not cut: its size is not that of the others, or not known`)
        continue
      }
      masks.push(mask)
      if (covered === undefined) continue
      const left = mergeMasks([mask, covered], 'difference')
      if (maskArea(left) === maskArea(mask)) continue
      const geometry = maskArea(left) === 0 ? undefined : geometryOf(segment, left)
      if (geometry === undefined) note(`${segment.type} left out: others cover all of it`)
      cut.set(segment, geometry && withGeometry(segment, geometry, { keepsBox: false }))
    }
    if (masks.length > 0)
      covered = mergeMasks(covered === undefined ? masks : [covered, ...masks], 'union')
  }
  return cut
}

function levelOf({ zOrder }: Annotation): number {
  return zOrder ?? 0
}

function isSameSize(a: Mask, b: Mask): boolean {
  return a.width === b.width && a.height === b.height
}

/** A polygon stays one as long as its outline can be traced. */
function geometryOf({ type }: Annotation, mask: Mask): Geometry {
  return (type === 'polygon' ? maskToPolygon(mask) : undefined) ?? maskGeometry(mask)
}
