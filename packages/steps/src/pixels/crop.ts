import {
  type AnnotatedItem,
  type Annotation,
  boundsOf,
  type DatasetContent,
  GROUND_TRUTH,
  type ImageExtent,
  newUid,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapLayers } from '../map-items.ts'
import { type Selection, selectionOf } from '../selection.ts'
import type { Step, StepContext } from '../step.ts'
import { croppedAnnotation, type Region } from './change-annotation.ts'
import { eachPicture } from './each-picture.ts'
import type { Encoding } from './picture.ts'
import {
  encodingOf,
  ENCODING_OPTIONS,
  minKeptOf,
  type OpenedImage,
  openImage,
  openForRegions,
  storePixels,
  withDistinctUids,
} from './picture-step.ts'

const NAME = 'crop'

/**
 * Cuts out a region of each image, or one for each annotation. The region of an annotation is its box grown by the margin, and
 * then to whole pixels (down at the left and top, up at the right and bottom); every region is cut off at the edge of the image.
 */
export const crop: Step = defineStep({
  name: NAME,
  summary: 'Cut a region out of each image, or a chip for each annotation',
  options: {
    region: { type: 'string', describe: 'The same for all images: x,y,width,height in pixels' },
    chips: {
      type: 'boolean',
      describe: 'One item for each annotation, <id>_crop_<n>, with its category as label',
    },
    margin: {
      type: 'number',
      describe:
        'For chips: how much more on each side, as a part of the side of the box; 0 by default',
    },
    where: { type: 'string', describe: 'For chips: a query, only annotations that match' },
    layer: { type: 'string', describe: 'For chips: of which layer; ground_truth by default' },
    'min-kept': {
      type: 'number',
      describe:
        'With a region: which part of its area must be left of a shape that is cut; 0.1 by default',
    },
    ...ENCODING_OPTIONS,
  },
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const { chips = false, margin = 0, layer = GROUND_TRUTH } = options
    const encoding = encodingOf(NAME, options)
    if (chips === (options.region !== undefined))
      throw optionInvalid(NAME, 'region', 'or chips is needed, and not both', 'Give one of them.')
    if (!(margin >= 0 && margin <= 100)) throw optionInvalid(NAME, 'margin', 'is not from 0 to 100')
    if (options.region !== undefined) {
      const region = parseRegion(options.region)
      const minKept = minKeptOf(NAME, options['min-kept'])
      const items = eachPicture(view.items(), context, async (item, own) =>
        cropped(item, { region, minKept, encoding }, own),
      )
      return { schema: view.schema, items }
    }
    const selection = selectionOf(options.where, view.schema, context)
    const items = eachPicture(view.items(), context, async (item, own) =>
      chipsOf(item, { selection, margin, layer, encoding }, own),
    )
    return { schema: view.schema, items }
  },
})

function parseRegion(text: string): Region {
  const numbers = text.split(',').map((each) => (/^\s*\d{1,9}\s*$/u.test(each) ? Number(each) : -1))
  const [x = -1, y = -1, width = 0, height = 0] = numbers
  if (numbers.length !== 4 || x < 0 || y < 0 || width < 1 || height < 1)
    throw optionInvalid(
      NAME,
      'region',
      `is ${JSON.stringify(text.slice(0, 50))}`,
      'Give x,y,width,height in whole pixels, 0,0,640,480 for one.',
    )
  return { x, y, width, height }
}

/** What of a region lies on an image. */
function regionOn(region: Region, image: ImageExtent): Region | undefined {
  const width = Math.min(region.x + region.width, image.width) - region.x
  const height = Math.min(region.y + region.height, image.height) - region.y
  return width > 0 && height > 0 ? { ...region, width, height } : undefined
}

async function cropped(
  item: AnnotatedItem,
  {
    region: wanted,
    minKept,
    encoding,
  }: { readonly region: Region; readonly minKept: number; readonly encoding: Encoding },
  context: StepContext,
): Promise<readonly AnnotatedItem[]> {
  const where = `${item.subset}/${item.id}`
  const note = (what: string): void => context.onNote({ what, where })
  const image = await openImage(item, context)
  if (image === undefined) return [item]
  const region = regionOn(wanted, image)
  if (region === undefined) {
    note('item left out: the region lies outside of its image')
    return []
  }
  const medium = await storePixels(image, cutOut(region, ''), encoding, context)
  if (medium === undefined) {
    note('item left as it is: its image cannot be decoded')
    return [item]
  }
  const annotated = mapLayers(item, (annotations, layer) =>
    withDistinctUids(
      item,
      layer,
      annotations.flatMap((each) => croppedAnnotation(each, region, minKept, note)),
    ),
  )
  return [{ ...annotated, media: [medium] }]
}

/** New pixels that are those of a region. */
export function cutOut(region: Region, suffix: string): Parameters<typeof storePixels>[1] {
  const { x: left, y: top, width, height } = region
  return {
    suffix,
    size: { width, height },
    change: (pixels) => pixels.extract({ left, top, width, height }),
  }
}

interface Chipping {
  readonly selection: Selection
  readonly margin: number
  readonly layer: string
  readonly encoding: Encoding
}

async function chipsOf(
  item: AnnotatedItem,
  { selection, margin, layer, encoding }: Chipping,
  context: StepContext,
): Promise<readonly AnnotatedItem[]> {
  const where = `${item.subset}/${item.id}`
  const note = (what: string): void => context.onNote({ what, where })
  const selected = selection.annotationsOf(item)
  const annotations = [...(item.layers[layer] ?? []).entries()].filter(
    ([, each]) => selected.has(each) && boundsOf(each) !== undefined,
  )
  if (annotations.length === 0) return []
  const image = await openForRegions(item, annotations.length, context)
  if (image === undefined) return [item]
  const chips: AnnotatedItem[] = []
  for (const [number, annotation] of annotations) {
    const region = chipRegion(annotation, margin, image)
    const medium =
      region && (await storePixels(image, cutOut(region, `_crop_${number}`), encoding, context))
    if (medium === undefined) note('annotation without pixels left out')
    else {
      const chip = { ...item, id: `${item.id}_crop_${number}`, media: [medium] }
      chips.push({ ...chip, layers: { [layer]: labelsOf(chip, layer, annotation) } })
    }
  }
  return chips
}

function chipRegion(
  annotation: Annotation,
  margin: number,
  image: OpenedImage,
): Region | undefined {
  const [left = 0, top = 0, width = 0, height = 0] = boundsOf(annotation) ?? []
  const x = Math.max(0, Math.floor(left - margin * width))
  const y = Math.max(0, Math.floor(top - margin * height))
  const right = Math.min(image.width, Math.ceil(left + (1 + margin) * width))
  const bottom = Math.min(image.height, Math.ceil(top + (1 + margin) * height))
  const region = { x, y, width: right - x, height: bottom - y }
  return region.width > 0 && region.height > 0 ? region : undefined
}

/** What an annotation says of its chip as a whole. */
function labelsOf(
  chip: Pick<AnnotatedItem, 'subset' | 'id'>,
  layer: string,
  { category, attributes, score, track }: Annotation,
): readonly Annotation[] {
  if (category === undefined) return []
  const draft = {
    type: 'label' as const,
    category,
    ...(attributes !== undefined && { attributes }),
    ...(score !== undefined && { score }),
    ...(track !== undefined && { track }),
  }
  return [{ ...draft, uid: newUid(chip, layer, draft, new Set()) }]
}
