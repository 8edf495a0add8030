import {
  type AnnotationDraft,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type OpenFile,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isObject, type JsonObject, placeOf, wrongValue } from '../shared/json-reader.ts'
import type { CocoFile } from './find-files.ts'
import { gatherSpans, type Span } from './gather-spans.ts'
import { type ImagePlaces, imagePlaces } from './image-places.ts'
import { parseText, skipOrThrow } from './index-file.ts'
import type { CocoLayout } from './layout.ts'
import { readPanoptic } from './read-panoptic.ts'
import type { SubsetPart, SubsetPlan } from './plan-subsets.ts'
import { readAnnotation } from './read-annotation.ts'
import type { CocoCategories } from './read-categories.ts'
import { readImage } from './read-image.ts'
import type { RecordList } from './record-list.ts'

/** Bytes of records that are in memory at once, and the most items that make up a block. */
const BLOCK_BYTES = 96 * 2 ** 20
const BLOCK_ITEMS = 20_000

/** What reading the items needs besides the plans. */
interface Source {
  readonly folder: Folder
  readonly categories: CocoCategories
  readonly layout: CocoLayout
  readonly context: ReadContext
  readonly placesOf: (file: CocoFile) => Promise<ImagePlaces>
}

/**
 * Reads the items of all subsets, block by block.
 *
 * @param placesOf - Says where the images of a file are; by default where {@link imagePlaces} finds them
 */
export function readItems(
  folder: Folder,
  plans: readonly SubsetPlan[],
  categories: CocoCategories,
  layout: CocoLayout,
  context: ReadContext,
  placesOf: Source['placesOf'] = async (file) => imagePlaces(folder, file),
): AsyncIterable<SourceItem> {
  return readSubsets(plans, { folder, categories, layout, context, placesOf })
}

async function* readSubsets(
  plans: readonly SubsetPlan[],
  source: Source,
): AsyncGenerator<SourceItem> {
  for (const plan of plans) yield* readSubset(plan, source)
}

/** A part with its file open. */
interface OpenPart {
  readonly part: SubsetPart
  readonly file: OpenFile
  readonly places: ImagePlaces
}

async function* readSubset(plan: SubsetPlan, source: Source): AsyncGenerator<SourceItem> {
  const open: OpenPart[] = []
  try {
    for (const part of plan.parts) {
      const { file } = part.index
      const places = await source.placesOf(file)
      open.push({ part, file: await source.folder.open(file.path), places })
    }
    for (let first = 0; first < plan.itemIds.length;) {
      const after = blockEnd(plan, first)
      yield* readBlock(plan, open, first, after, source)
      first = after
    }
  } finally {
    for (const { file } of open) await file.close()
  }
}

function blockEnd({ itemIds, parts }: SubsetPlan, first: number): number {
  let bytes = 0
  let item = first
  while (item < itemIds.length && item - first < BLOCK_ITEMS) {
    for (const part of parts) bytes += itemBytes(part, item)
    if (bytes > BLOCK_BYTES && item > first) break
    item += 1
  }
  return item
}

function itemBytes({ index, imageRow, annotations }: SubsetPart, item: number): number {
  let bytes = 2 + (index.images.lengths[imageRow[item] ?? -1] ?? 0)
  const { starts, rows } = annotations
  for (let at = starts[item] ?? 0; at < (starts[item + 1] ?? 0); at += 1) {
    bytes += 1 + (index.annotations.lengths[rows[at] ?? -1] ?? 0)
  }
  return bytes
}

async function* readBlock(
  plan: SubsetPlan,
  open: readonly OpenPart[],
  first: number,
  after: number,
  source: Source,
): AsyncGenerator<SourceItem> {
  const blocks: PartBlock[] = []
  for (const part of open) blocks.push(await loadPart(part, first, after, source.context.signal))
  for (let item = first; item < after; item += 1) {
    const read = await readItem(plan, blocks, item, item - first, source)
    if (read !== undefined) yield read
  }
}

/** The records of some items of one file: in `arena`, for each item its image, then a list. */
interface PartBlock extends OpenPart {
  readonly arena: Buffer
  /** For each item: where its image begins, where its list begins, where that ends. */
  readonly places3: Float64Array
}

const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

async function loadPart(
  open: OpenPart,
  first: number,
  after: number,
  signal: AbortSignal,
): Promise<PartBlock> {
  const { index, imageRow, annotations } = open.part
  const size = Array.from({ length: after - first }, (_, item) =>
    itemBytes(open.part, first + item),
  )
  const arena = Buffer.allocUnsafeSlow(size.reduce((sum, bytes) => sum + bytes + 1, 0))
  const places3 = new Float64Array((after - first) * 3)
  const imageSpans: Span[] = []
  const spans: Span[] = []
  let at = 0
  for (let item = first; item < after; item += 1) {
    const place = (item - first) * 3
    places3[place] = at
    at += pushSpan(imageSpans, index.images, imageRow[item] ?? -1, at)
    places3[place + 1] = at
    arena[at] = OPEN_LIST
    at += 1
    const end = annotations.starts[item + 1] ?? 0
    for (let row = annotations.starts[item] ?? 0; row < end; row += 1) {
      at += pushSpan(spans, index.annotations, annotations.rows[row] ?? -1, at)
      arena[at] = COMMA
      at += row + 1 < end ? 1 : 0
    }
    arena[at] = CLOSE_LIST
    at += 1
    places3[place + 2] = at
  }
  for (const list of [imageSpans, spans]) {
    list.sort((a, b) => a.offset - b.offset)
    await gatherSpans(open.file, list, arena, signal)
  }
  return { ...open, arena, places3 }
}

function pushSpan(spans: Span[], list: RecordList, row: number, target: number): number {
  const offset = list.offsets[row]
  const length = list.lengths[row]
  if (offset === undefined || length === undefined) return 0
  spans.push({ offset, length, target })
  return length
}

async function readItem(
  { subset, itemIds }: SubsetPlan,
  blocks: readonly PartBlock[],
  item: number,
  slot: number,
  source: Source,
): Promise<SourceItem | undefined> {
  const layers: Record<string, readonly AnnotationDraft[]> = { [GROUND_TRUTH]: [] }
  let image: Omit<SourceItem, 'subset' | 'id' | 'layers'> | undefined
  const isOneOfSeveral = blocks.filter(({ part }) => part.layer === undefined).length > 1
  for (const block of blocks) {
    const record = imageRecord(block, item, slot)
    if (record !== undefined) {
      const prefix = prefixOf(source.layout, block.part)
      const fileName = block.part.index.fileNames[block.part.imageRow[item] ?? -1] ?? ''
      const other = await readImage(record, fileName, block.places, prefix, source.context)
      image =
        image === undefined
          ? other
          : mergeImages(image, other, `${subset}/${itemIds[item]}`, source.context)
    }
    const drafts = await readDrafts(block, item, slot, isOneOfSeveral, source)
    if (drafts.length === 0) continue
    const layer = block.part.layer ?? GROUND_TRUTH
    layers[layer] = joinTwins(layers[layer] ?? [], drafts)
  }
  return image === undefined ? undefined : { subset, id: itemIds[item] ?? '', ...image, layers }
}

function prefixOf(layout: CocoLayout, { index }: SubsetPart): string {
  return layout.files.find(({ path }) => path === index.file.path)?.imagePrefix ?? ''
}

function imageRecord(block: PartBlock, item: number, slot: number): JsonObject | undefined {
  const row = block.part.imageRow[item] ?? -1
  if (row < 0) return undefined
  const text = textOf(block, slot, 0)
  const value = parseText(text, block.part.index.file.path, `images[${row}]`)
  return isObject(value) ? value : undefined
}

function textOf({ arena, places3 }: PartBlock, slot: number, part: 0 | 1): string {
  return arena.toString('utf8', places3[slot * 3 + part], places3[slot * 3 + part + 1])
}

/** The first file that lists an image says what it is; what a later one says otherwise is lost. */
function mergeImages(
  first: Omit<SourceItem, 'subset' | 'id' | 'layers'>,
  second: Omit<SourceItem, 'subset' | 'id' | 'layers'>,
  where: string,
  context: ReadContext,
): Omit<SourceItem, 'subset' | 'id' | 'layers'> {
  const [ours, theirs] = [first.extra?.['coco'], second.extra?.['coco']]
  const [known, more] = [isObject(ours) ? ours : {}, isObject(theirs) ? theirs : {}]
  for (const [field, value] of Object.entries(more)) {
    if (field in known && JSON.stringify(known[field]) !== JSON.stringify(value)) {
      context.onLoss({ what: `field: image ${field} of a second file`, where })
    }
  }
  return { ...first, extra: { coco: { ...more, ...known } } }
}

async function readDrafts(
  block: PartBlock,
  item: number,
  slot: number,
  isOneOfSeveral: boolean,
  { folder, categories, context }: Source,
): Promise<readonly AnnotationDraft[]> {
  const { index, annotations } = block.part
  const first = annotations.starts[item] ?? 0
  if ((annotations.starts[item + 1] ?? 0) === first) return []
  const { path, task } = index.file
  const records = recordsOf(block, item, slot, context)
  const drafts: AnnotationDraft[] = []
  const source = {
    categories:
      categories.byFile.get(index)?.size === 0 && task === 'results'
        ? allIds(categories)
        : (categories.byFile.get(index) ?? new Map()),
    task: block.part.layer === undefined ? task : undefined,
    isOneOfSeveral,
  }
  for (const [at, record] of records.entries()) {
    if (record === undefined) continue
    const row = annotations.rows[first + at] ?? 0
    const place = placeOf({ file: path, path: task === 'results' ? '' : 'annotations' }, row)
    try {
      if (!isObject(record)) throw wrongValue(place, 'should be an object')
      if (isArrayMember(record))
        drafts.push(...(await readPanoptic(record, place, source, folder, context)))
      else drafts.push(...readAnnotation(record, place, source))
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  return drafts
}

function isArrayMember(record: JsonObject): boolean {
  return Array.isArray(record['segments_info'])
}

/** Results have no categories of their own: ids are those of the files they belong to. */
function allIds({ byFile }: CocoCategories): ReadonlyMap<number | string, string> {
  return new Map([...byFile.values()].toReversed().flatMap((ids) => [...ids]))
}

/** All records of an item by one parse; one by one when that fails, to tell which is wrong. */
function recordsOf(
  block: PartBlock,
  item: number,
  slot: number,
  context: ReadContext,
): readonly (Json | undefined)[] {
  const { index, annotations } = block.part
  try {
    const records: Json[] = JSON.parse(textOf(block, slot, 1))
    return records
  } catch {
    // Told below, with the place.
  }
  const first = annotations.starts[item] ?? 0
  const rows = annotations.rows.subarray(first, annotations.starts[item + 1])
  let at = (block.places3[slot * 3 + 1] ?? 0) + 1
  return [...rows].map((row) => {
    const length = index.annotations.lengths[row] ?? 0
    const text = block.arena.toString('utf8', at, at + length)
    at += length + 1
    try {
      return parseText(text, index.file.path, `annotations[${row}]`)
    } catch (error) {
      skipOrThrow(error, index.file.path, context)
      return undefined
    }
  })
}

/**
 * Adds annotations of a further file. COCO's keypoint files repeat the regions of the instance files
 * under the same ids: such a twin is left out.
 */
function joinTwins(
  before: readonly AnnotationDraft[],
  added: readonly AnnotationDraft[],
): readonly AnnotationDraft[] {
  if (before.length === 0) return added
  const known = new Map(before.map((draft) => [`${draft.type} ${draft.sourceId}`, draft]))
  const fresh = added.filter((draft) => {
    const twin =
      draft.sourceId === undefined ? undefined : known.get(`${draft.type} ${draft.sourceId}`)
    return twin === undefined || !isTwin(twin, draft)
  })
  return [...before, ...fresh]
}

function isTwin(a: AnnotationDraft, b: AnnotationDraft): boolean {
  return statement(a) === statement(b)
}

/** What an annotation says, whichever file says it. */
function statement({ group: _group, extra, ...rest }: AnnotationDraft): string {
  const members = Object.entries(rest).toSorted(([x], [y]) => (x < y ? -1 : 1))
  return JSON.stringify([members, extra?.['coco']])
}
