import type { AnnotatedItem, DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapLayers } from '../map-items.ts'
import type { Step, StepContext } from '../step.ts'
import { croppedAnnotation } from './change-annotation.ts'
import { cutOut } from './crop.ts'
import { eachPicture } from './each-picture.ts'
import type { Encoding } from './picture.ts'
import {
  encodingOf,
  ENCODING_OPTIONS,
  minKeptOf,
  openForRegions,
  storePixels,
  withDistinctUids,
} from './picture-step.ts'
import { withTileOrigin } from './tile-origin.ts'
import { MAX_TILES, parseTiling, type Tiling } from './tile-regions.ts'

const NAME = 'tile'

/** Cuts images into tiles. */
export const tile: Step = defineStep({
  name: NAME,
  summary: 'Cut images into tiles, with what is said of them',
  options: {
    grid: { type: 'string', describe: 'How many tiles: rows x columns, 2x3 for one' },
    size: { type: 'string', describe: 'How large tiles are: width x height in pixels' },
    overlap: {
      type: 'number',
      describe: 'Which part of a tile the next one shows too; 0 by default',
    },
    'min-kept': {
      type: 'number',
      describe: 'Which part of its area must be left of a shape that is cut; 0.1 by default',
    },
    'drop-empty': { type: 'boolean', describe: 'Tiles of which nothing is said go' },
    ...ENCODING_OPTIONS,
  },
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const cutting = {
      tiling: parseTiling(NAME, options),
      minKept: minKeptOf(NAME, options['min-kept']),
      dropsEmpty: options['drop-empty'] ?? false,
      encoding: encodingOf(NAME, options),
    }
    const items = eachPicture(view.items(), context, async (item, own) =>
      tilesOf(item, cutting, own),
    )
    return { schema: view.schema, items }
  },
})

interface Cutting {
  readonly tiling: Tiling
  readonly minKept: number
  readonly dropsEmpty: boolean
  readonly encoding: Encoding
}

async function tilesOf(
  item: AnnotatedItem,
  { tiling, minKept, dropsEmpty, encoding }: Cutting,
  context: StepContext,
): Promise<readonly AnnotatedItem[]> {
  const where = `${item.subset}/${item.id}`
  const note = (what: string): void => context.onNote({ what, where })
  const image = await openForRegions(item, 2, context)
  if (image === undefined) return [item]
  const regions = tiling(image)
  if (regions.length > MAX_TILES) {
    note(`item left as it is: more than ${MAX_TILES} tiles`)
    return [item]
  }
  const tiles: AnnotatedItem[] = []
  for (const [number, region] of regions.entries()) {
    const annotated = mapLayers(item, (annotations, layer) =>
      withDistinctUids(
        item,
        layer,
        annotations.flatMap((each) => croppedAnnotation(each, region, minKept, note)),
      ),
    )
    const isEmpty = Object.values(annotated.layers).every(({ length }) => length === 0)
    if (isEmpty && dropsEmpty) continue
    const suffix = `_tile_${number}`
    const medium = await storePixels(image, cutOut(region, suffix), encoding, context)
    if (medium === undefined) {
      note('tile left out: its pixels cannot be decoded')
      continue
    }
    const { x, y } = region
    const { width, height } = image
    const whole = { id: item.id, path: image.medium.path, width, height }
    const origin = { ...whole, number, count: regions.length, x, y }
    const made = { ...annotated, id: `${item.id}${suffix}`, media: [medium] }
    tiles.push(withTileOrigin(made, origin))
  }
  return tiles
}
