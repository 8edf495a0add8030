import {
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { byteStream } from '../shared/byte-stream.ts'
import { numberedNames } from '../shared/digits.ts'
import { categoriesOf, parseLabelList } from '../shared/label-list.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { pixelItem } from '../shared/pixel-item.ts'
import type { RawPixels } from '../shared/raw-pixels.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findMnistFiles, type MnistFiles } from './find-files.ts'
import { imageSizes } from './image-sizes.ts'
import { layoutOf } from './layout.ts'
import { type MetaRow, META_CELL_BYTES, parseMeta } from './meta-table.ts'

const LABELS_MAGIC = 0x0801
const IMAGES_MAGIC = 0x0803
/** This label stands for none. */
const NO_LABEL = 255
/** More labels are not held in memory. */
const MAX_ITEMS = 2 ** 26

/**
 * Reads the IDX files of MNIST, image by image; labels are held in memory, a byte each.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readMnist(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const subsets: Subset[] = []
  let layout = layoutOf([])
  try {
    const files = await findMnistFiles(folder)
    if (files.length === 0) throw formatSyntax('*-images-idx3-ubyte', 'is not in the folder')
    layout = layoutOf(files)
    for (const each of files) subsets.push(...(await readSubset(folder, each, context)))
  } catch (error) {
    skipOrThrow(error, '*-ubyte', context)
  }
  const categories = await readCategories(folder, subsets, context)
  const items = readItems(folder, subsets, categories, context)
  return { schema: { categories, attributes: [], info: {} }, layout, items }
}

/** What is known of a subset before its images are read. */
interface Subset extends MnistFiles {
  readonly known: readonly number[] | Uint8Array | undefined
  readonly rows: readonly MetaRow[] | undefined
}

async function readSubset(
  folder: Folder,
  files: MnistFiles,
  context: ReadContext,
): Promise<readonly Subset[]> {
  try {
    const known = files.labels === undefined ? undefined : await readLabels(folder, files.labels)
    const rows =
      files.meta === undefined || known === undefined
        ? undefined
        : await readMeta(folder, files.meta, known.length)
    return [{ ...files, known, rows }]
  } catch (error) {
    skipOrThrow(error, files.labels ?? files.subset, context)
    return []
  }
}

async function readLabels(folder: Folder, path: string): Promise<Uint8Array> {
  return withBytes(folder, path, async (take) => {
    const head = await take(8)
    if (head.length < 8 || head.readUInt32BE(0) !== LABELS_MAGIC) {
      throw formatSyntax(path, 'does not begin like an IDX file of labels (00 00 08 01)')
    }
    const count = head.readUInt32BE(4)
    if (count > MAX_ITEMS) throw formatSyntax(path, `says that it has ${count} labels`)
    const labels = await take(count + 1)
    if (labels.length !== count) {
      const found = labels.length > count ? 'more' : `${labels.length}`
      throw formatSyntax(path, `says that it has ${count} labels, but has ${found}`)
    }
    return labels
  })
}

async function readMeta(folder: Folder, path: string, count: number): Promise<readonly MetaRow[]> {
  if (count === 0) return []
  return withBytes(folder, path, async (take) =>
    parseMeta(await take(count * 3 * META_CELL_BYTES + 1), count, path),
  )
}

async function readCategories(
  folder: Folder,
  subsets: readonly Subset[],
  context: ReadContext,
): Promise<readonly Category[]> {
  const [path = ''] = subsets.flatMap(({ images, labels }) => images ?? labels ?? [])
  const list = `${path.slice(0, path.lastIndexOf('/') + 1)}labels.txt`
  try {
    if (await folder.has(list)) return categoriesOf(parseLabelList(await folder.read(list), list))
  } catch (error) {
    skipOrThrow(error, list, context)
  }
  let largest = 0
  for (const { known } of subsets) {
    for (const label of known ?? []) if (label !== NO_LABEL) largest = Math.max(largest, label)
  }
  return categoriesOf(numberedNames(largest))
}

async function* readItems(
  folder: Folder,
  subsets: readonly Subset[],
  categories: readonly Category[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for (const subset of subsets) {
    const place = subset.images ?? subset.labels ?? subset.subset
    try {
      for await (const item of itemsOf(folder, subset, categories)) {
        context.signal.throwIfAborted()
        yield item
      }
    } catch (error) {
      skipOrThrow(error, place, context)
    }
  }
}

async function* itemsOf(
  folder: Folder,
  subset: Subset,
  categories: readonly Category[],
): AsyncGenerator<SourceItem> {
  const seen = new Set<string>()
  const itemAt = (index: number, pixels?: RawPixels): SourceItem => {
    const named = subset.rows?.[index]?.id ?? ''
    const id = named === '' ? `${index}` : safeMediaName(named)
    const place = subset.labels ?? subset.images ?? ''
    if (seen.has(id)) throw formatSyntax(subset.meta ?? place, `names two images ${id}`)
    seen.add(id)
    const label = subset.known?.[index] ?? NO_LABEL
    const category = categories[label]
    if (category === undefined && label !== NO_LABEL) {
      throw formatSyntax(place, `image ${index} has the label ${label}, which has no name`)
    }
    return pixelItem({ subset: subset.subset, id }, pixels, category)
  }
  if (subset.images === undefined) {
    for (let index = 0; index < (subset.known?.length ?? 0); index++) yield itemAt(index)
    return
  }
  const path = subset.images
  const file = await folder.open(path)
  const stream = await byteStream(file, path)
  try {
    const head = await stream.take(16)
    if (head.length < 16 || head.readUInt32BE(0) !== IMAGES_MAGIC) {
      throw formatSyntax(path, 'does not begin like an IDX file of images (00 00 08 03)')
    }
    let index = 0
    for (const { width, height } of imageSizes(head, subset.known?.length, subset.rows, path)) {
      const data = await stream.take(width * height)
      if (data.length < width * height) throw formatSyntax(path, `ends within image ${index}`)
      const pixels = data.length === 0 ? undefined : { width, height, channels: 1 as const, data }
      yield itemAt(index, pixels)
      index += 1
    }
    const rest = await stream.take(1)
    if (rest.length > 0) throw formatSyntax(path, `goes on after ${index} images`)
  } finally {
    await stream.close()
    await file.close()
  }
}

async function withBytes<Result>(
  folder: Folder,
  path: string,
  read: (take: (length: number) => Promise<Buffer>) => Promise<Result>,
): Promise<Result> {
  const file = await folder.open(path)
  const stream = await byteStream(file, path)
  try {
    return await read(async (length) => stream.take(length))
  } finally {
    await stream.close()
    await file.close()
  }
}
