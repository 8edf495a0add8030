import {
  type AnnotatedItem,
  type Annotation,
  type AnnotationDraft,
  type DatasetContent,
  type Mask,
  maskArea,
  maskGeometry,
  newUid,
  readMask,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapItems, mapLayers } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'
import { maskPatches } from './mask-patches.ts'
import { withGeometry } from './with-geometry.ts'

/** Makes of each mask one for each patch of pixels. */
export const splitMasks: Step = defineStep({
  name: 'split-masks',
  summary: 'Make of each mask one for each patch of connected pixels',
  isItemwise: true,
  options: {
    where: { type: 'string', describe: 'A query: only masks that match' },
    corners: { type: 'boolean', describe: 'Pixels that touch at a corner are connected too' },
    'min-area': { type: 'number', describe: 'Smaller patches are left out, in pixels' },
  },
  apply: async (
    [input],
    { where, corners = false, 'min-area': minArea = 0 },
    context,
  ): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    if (minArea < 0) throw optionInvalid('split-masks', 'min-area', 'is less than 0')
    const { schema } = input.view
    const selection = selectionOf(where, schema, context)
    const items = mapItems(input.view, (item) => {
      const selected = selection.annotationsOf(item)
      const note = (what: string): void =>
        context.onNote({ what, where: `${item.subset}/${item.id}` })
      return mapLayers(item, (annotations, layer) => {
        const used = new Set(annotations.map(({ uid }) => uid))
        return annotations.flatMap((annotation) => {
          const mask =
            annotation.type === 'mask' && selected.has(annotation)
              ? readMask(annotation)
              : undefined
          if (mask === undefined) return [annotation]
          const patches = maskPatches(mask, { corners })
          if (patches === undefined) note('mask not split: it has too many pixels')
          if (patches === undefined || patches.length === 0) return [annotation]
          const large = patches.filter((patch) => maskArea(patch) >= minArea)
          for (let left = large.length; left < patches.length; left += 1)
            note('patch left out: it is too small')
          return instancesOf(annotation, large, { item, layer, used })
        })
      })
    })
    return { schema, items }
  },
})

/** The largest patch continues the annotation, the others are new. */
function instancesOf(
  annotation: Annotation,
  patches: readonly Mask[],
  { item, layer, used }: { item: AnnotatedItem; layer: string; used: Set<string> },
): readonly Annotation[] {
  if (patches.length < 2)
    return patches.map((patch) =>
      withGeometry(annotation, maskGeometry(patch), { keepsBox: false }),
    )
  const largest = patches.reduce((best, patch) => (maskArea(patch) > maskArea(best) ? patch : best))
  return patches.map((patch): Annotation => {
    const instance = withGeometry(annotation, maskGeometry(patch), { keepsBox: false })
    if (patch === largest) return instance
    const { uid: _, sourceId: __, ...draft } = instance
    return withUid(item, layer, draft, used)
  })
}

function withUid(
  item: AnnotatedItem,
  layer: string,
  draft: AnnotationDraft,
  used: Set<string>,
): Annotation {
  return { ...draft, uid: newUid(item, layer, draft, used) }
}
