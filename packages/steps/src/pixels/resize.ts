import type { AnnotatedItem, Annotation, DatasetContent, ImageExtent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapLayers } from '../map-items.ts'
import type { Step, StepContext } from '../step.ts'
import { movedAnnotation, scaledAnnotation } from './change-annotation.ts'
import { eachPicture } from './each-picture.ts'
import { MAX_PIXELS, type Encoding } from './picture.ts'
import { encodingOf, ENCODING_OPTIONS, openImage, storePixels } from './picture-step.ts'

const NAME = 'resize'

/** No codec writes longer sides. */
const MAX_SIDE = 65_535

/**
 * Resizes images, and everything said of them. A side that follows from the other is rounded to the nearest whole pixel, halves up, and is
 * at least 1; annotations are scaled by the sizes that came out, each direction by its own, and not rounded.
 */
export const resize: Step = defineStep({
  name: NAME,
  summary: 'Resize images, and all that is said of them',
  options: {
    width: { type: 'number', describe: 'In pixels; alone it keeps the aspect' },
    height: { type: 'number', describe: 'In pixels; alone it keeps the aspect' },
    scale: { type: 'number', describe: 'By how much, instead of width and height' },
    fit: {
      type: 'string',
      choices: ['stretch', 'inside', 'letterbox'],
      describe:
        'With width and height: exactly that (default), at most that and in its aspect, or that with bars',
    },
    fill: { type: 'number', describe: 'The grey of the bars, 0…255; 0 by default' },
    kernel: {
      type: 'string',
      choices: ['lanczos3', 'cubic', 'linear', 'nearest'],
      describe: 'How pixels are resampled; lanczos3 by default. Masks are always nearest',
    },
    ...ENCODING_OPTIONS,
  },
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const plan = planOf(options)
    const encoding = encodingOf(NAME, options)
    const kernel = options.kernel ?? 'lanczos3'
    const fill = options.fill ?? 0
    if (!(fill >= 0 && fill <= 255)) throw optionInvalid(NAME, 'fill', 'is not from 0 to 255')
    const { view } = input
    const items = eachPicture(view.items(), context, async (item, own) => [
      await resized(item, plan, { encoding, kernel, fill }, own),
    ])
    return { schema: view.schema, items }
  },
})

/** Where the pixels of an image go. */
interface Placing {
  /** The size they get. */
  readonly inner: ImageExtent
  /** The size of the new image, in whose middle they lie. */
  readonly outer: ImageExtent
}

type Plan = (from: ImageExtent) => Placing

interface Options {
  readonly width: number | undefined
  readonly height: number | undefined
  readonly scale: number | undefined
  readonly fit: 'stretch' | 'inside' | 'letterbox' | undefined
}

function planOf({ width, height, scale, fit }: Options): Plan {
  for (const [name, side] of Object.entries({ width, height }))
    if (side !== undefined && !(Number.isInteger(side) && side >= 1 && side <= MAX_SIDE))
      throw optionInvalid(NAME, name, `is ${side}, not a whole number from 1 to ${MAX_SIDE}`)
  if (fit !== undefined && (width === undefined || height === undefined))
    throw optionInvalid(NAME, 'fit', 'needs a width and a height')
  if (scale !== undefined) {
    if (width !== undefined || height !== undefined)
      throw optionInvalid(NAME, 'scale', 'is given, and a width or height too')
    if (!(scale > 0 && scale <= MAX_SIDE)) throw optionInvalid(NAME, 'scale', `is ${scale}`)
    return whole((from) => scaledSize(from, scale))
  }
  if (width !== undefined && height !== undefined) {
    const size = { width, height }
    const inside = (from: ImageExtent): ImageExtent => insideOf(from, size)
    if (fit === 'letterbox') return (from) => ({ inner: inside(from), outer: size })
    return whole(fit === 'inside' ? inside : () => size)
  }
  if (width !== undefined)
    return whole((from) => ({ width, height: rounded((from.height * width) / from.width) }))
  if (height !== undefined)
    return whole((from) => ({ width: rounded((from.width * height) / from.height), height }))
  throw optionInvalid(NAME, 'width', 'is missing', 'Give --width, --height or --scale.')
}

function whole(sizeOf: (from: ImageExtent) => ImageExtent): Plan {
  return (from) => {
    const size = sizeOf(from)
    return { inner: size, outer: size }
  }
}

function rounded(side: number): number {
  return Math.max(1, Math.round(side))
}

function scaledSize({ width, height }: ImageExtent, scale: number): ImageExtent {
  return { width: rounded(width * scale), height: rounded(height * scale) }
}

/** The largest size in the aspect of the image; one side is exactly that of the room. */
function insideOf(from: ImageExtent, room: ImageExtent): ImageExtent {
  const isWide = from.width * room.height > room.width * from.height
  return isWide
    ? { width: room.width, height: rounded((from.height * room.width) / from.width) }
    : { width: rounded((from.width * room.height) / from.height), height: room.height }
}

interface Drawing {
  readonly encoding: Encoding
  readonly kernel: 'lanczos3' | 'cubic' | 'linear' | 'nearest'
  readonly fill: number
}

async function resized(
  item: AnnotatedItem,
  plan: Plan,
  { encoding, kernel, fill }: Drawing,
  context: StepContext,
): Promise<AnnotatedItem> {
  const image = await openImage(item, context)
  if (image === undefined) return item
  const where = `${item.subset}/${item.id}`
  const note = (what: string): void => context.onNote({ what, where })
  const { inner, outer } = plan(image)
  if (Math.max(outer.width, outer.height) > MAX_SIDE || outer.width * outer.height > MAX_PIXELS) {
    note('item left as it is: it would be too large')
    return item
  }
  const [left, top] = [
    Math.floor((outer.width - inner.width) / 2),
    Math.floor((outer.height - inner.height) / 2),
  ]
  const isSame = inner.width === image.width && inner.height === image.height
  const isBare = outer.width === inner.width && outer.height === inner.height
  if (isSame && isBare) return item
  const bars = {
    left,
    top,
    right: outer.width - inner.width - left,
    bottom: outer.height - inner.height - top,
    background: { r: fill, g: fill, b: fill, alpha: 1 },
  }
  const medium = await storePixels(
    image,
    {
      suffix: '',
      size: outer,
      change: (pixels) => {
        const drawn = isSame ? pixels : pixels.resize({ ...inner, fit: 'fill', kernel })
        return isBare ? drawn : drawn.extend(bars)
      },
    },
    encoding,
    context,
  )
  if (medium === undefined) {
    note('item left as it is: its image cannot be decoded')
    return item
  }
  const follow = (annotation: Annotation): Annotation => {
    const scaled = isSame ? annotation : scaledAnnotation(annotation, image, inner, note)
    return isBare ? scaled : movedAnnotation(scaled, left, top, outer)
  }
  return { ...mapLayers(item, (annotations) => annotations.map(follow)), media: [medium] }
}
