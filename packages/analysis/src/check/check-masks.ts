import { type Annotation, type Media, parseCounts } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames } from './describe-annotation.ts'

/** Checks of masks, each by itself. Memory does not grow. */
export const MASK_CHECKS: CheckFamily = {
  title: 'Masks',
  checks: [
    {
      name: 'mask-malformed',
      severity: 'error',
      about: 'The runs of a mask cannot be read, or are more than its pixels.',
      repair: { does: 'drops the annotation' },
    },
    {
      name: 'mask-size-mismatch',
      severity: 'error',
      about: 'A mask is not as large as its image.',
      repair: { does: 'drops the annotation' },
    },
  ],
  inspect: inspectMasks,
}

function inspectMasks({ schema, report }: InspectContext): Inspector {
  const describe = annotationNames(schema)
  return {
    item: ({ item: { subset, id }, annotations, image }: CheckedItem) => {
      for (const annotation of annotations) {
        if (annotation.type !== 'mask' && annotation.type !== 'panoptic-segment') continue
        const place = { subset, id, annotation: annotation.uid }
        const problem = runsProblem(annotation)
        if (problem !== undefined)
          report('mask-malformed', { ...place, message: `${describe(annotation)} ${problem}` })
        else if (!isAsLarge(annotation, image))
          report('mask-size-mismatch', {
            ...place,
            message: `${describe(annotation)} is ${annotation.width} × ${annotation.height} pixels, the image ${image?.width} × ${image?.height}`,
          })
      }
    },
  }
}

type Masked = Extract<Annotation, { readonly type: 'mask' | 'panoptic-segment' }>

function runsProblem({ width, height, counts: text }: Masked): string | undefined {
  const pixels = width * height
  if (![width, height].every(Number.isSafeInteger) || width < 0 || height < 0)
    return 'has a size that no image can have'
  const counts = parseCounts(text)
  if (counts === undefined) return 'has runs that cannot be read'
  const covered = counts.reduce((sum, each) => sum + each, 0)
  return covered > pixels ? `has runs of ${covered} pixels, but is of ${pixels}` : undefined
}

function isAsLarge({ width, height }: Masked, image: Media | undefined): boolean {
  if (!image?.width || !image.height) return true
  const isSame = width === image.width && height === image.height
  const isTurned = width === image.height && height === image.width
  return isSame || (isTurned && (image.orientation ?? 1) >= 5)
}
