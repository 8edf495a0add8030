import type { AnnotatedItem, Annotation, DatasetContent, Media } from '@dsv/core'
import { probeBytes } from '@dsv/formats'
import { defineStep } from '../define-step.ts'
import type { Step, StepContext } from '../step.ts'
import { movedAnnotation } from './change-annotation.ts'
import { joinPieces } from './join-pieces.ts'
import { codecFor, encodePixels, type Encoding, MAX_PIXELS, picturePath } from './picture.ts'
import { encodingOf, ENCODING_OPTIONS, openImage, withDistinctUids } from './picture-step.ts'
import { type PastedTile, pastedTiles } from './pasted-tiles.ts'
import { type TileOrigin, tileOriginOf, withoutTileOrigin } from './tile-origin.ts'

const NAME = 'untile'

/** Joins tiles to the images that they were cut from. */
export const untile: Step = defineStep({
  name: NAME,
  summary: 'Join tiles to the images that they were cut from',
  options: ENCODING_OPTIONS,
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const encoding = encodingOf(NAME, options)
    const missing = new Map<string, number>()
    for await (const item of view.items()) {
      const origin = tileOriginOf(item)
      if (origin === undefined) continue
      const key = keyOf(item, origin)
      missing.set(key, (missing.get(key) ?? 0) + 1)
    }
    return { schema: view.schema, items: wholeItems(view.items(), missing, encoding, context) }
  },
})

interface Tile {
  readonly item: AnnotatedItem
  readonly origin: TileOrigin
}

/** Tiles of one image say the same of it. */
function keyOf({ subset }: AnnotatedItem, { id, path, width, height }: TileOrigin): string {
  return JSON.stringify([subset, id, path, width, height])
}

/** Keeps the items of the images that are not complete yet; in the order of keys that is mostly one. */
async function* wholeItems(
  items: AsyncIterable<AnnotatedItem>,
  missing: Map<string, number>,
  encoding: Encoding,
  context: StepContext,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const open = new Map<string, Tile[]>()
  for await (const item of items) {
    const origin = tileOriginOf(item)
    if (origin === undefined || origin.width * origin.height > MAX_PIXELS) {
      context.onNote({
        what: 'item left as it is: nothing says where it was cut from',
        where: `${item.subset}/${item.id}`,
      })
      yield item
      continue
    }
    const key = keyOf(item, origin)
    const tiles = open.get(key) ?? []
    tiles.push({ item, origin })
    open.set(key, tiles)
    const left = (missing.get(key) ?? 1) - 1
    missing.set(key, left)
    if (left > 0) continue
    open.delete(key)
    yield* joined(tiles, encoding, context)
  }
}

async function* joined(
  tiles: readonly Tile[],
  encoding: Encoding,
  context: StepContext,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const sorted = tiles.toSorted((a, b) => a.origin.number - b.origin.number)
  const [first] = sorted
  if (first === undefined) return
  const { origin, item } = first
  const where = `${item.subset}/${origin.id}`
  const pasted: PastedTile[] = []
  for (const tile of sorted) {
    const image = await openImage(tile.item, context)
    if (image === undefined) continue
    const { x, y } = tile.origin
    pasted.push({ x, y, image })
  }
  const note = (what: string): void => context.onNote({ what, where })
  const medium = await wholeMedium(pasted, origin, { encoding, note }, context)
  if (medium === undefined) {
    note('tiles left as they are: their pixels do not fit together')
    for (const tile of sorted) yield tile.item
    return
  }
  if (new Set(sorted.map((tile) => tile.origin.number)).size < origin.count)
    note('tile is missing: black, and without annotations')
  const layers: Record<string, readonly Annotation[]> = {}
  for (const layer of new Set(sorted.flatMap((tile) => Object.keys(tile.item.layers))))
    layers[layer] = withDistinctUids(
      { subset: item.subset, id: origin.id },
      layer,
      joinedLayer(sorted, layer, origin, note),
    )
  yield { ...withoutTileOrigin(item), id: origin.id, media: [medium], layers }
}

function joinedLayer(
  tiles: readonly Tile[],
  layer: string,
  whole: { readonly width: number; readonly height: number },
  note: (what: string) => void,
): readonly Annotation[] {
  const pieces = new Map<string, Annotation[]>()
  for (const { item, origin } of tiles)
    for (const annotation of item.layers[layer] ?? []) {
      const all = pieces.get(annotation.uid) ?? []
      all.push(movedAnnotation(annotation, origin.x, origin.y, whole))
      pieces.set(annotation.uid, all)
    }
  return [...pieces.values()].flatMap((all) => {
    const made = joinPieces(all)
    const [first] = made
    if (made.length > 1) note(`${first?.type} stays in pieces`)
    return made
  })
}

async function wholeMedium(
  pasted: readonly PastedTile[],
  { path, width, height }: TileOrigin,
  { encoding, note }: { readonly encoding: Encoding; readonly note: (what: string) => void },
  context: StepContext,
): Promise<Media | undefined> {
  const [first] = pasted
  if (first === undefined) return undefined
  const size = { width, height }
  const { picture, medium } = first.image
  if (picture === undefined) {
    const { sizeBytes: _size, orientation: _orientation, ...rest } = medium
    return { ...rest, path, ...size }
  }
  const codec = codecFor(picture, encoding, size)
  const pixels = await pastedTiles(pasted, size, note)
  const bytes = pixels && (await encodePixels(pixels, codec, encoding))
  if (bytes === undefined) return undefined
  const name = picturePath(path, '', codec)
  const info = await probeBytes(bytes, name)
  return { role: medium.role, path: name, ...info, ...(await context.storeMedia(bytes)) }
}
