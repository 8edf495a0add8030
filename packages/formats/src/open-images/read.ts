import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  isDsvError,
  type Json,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { parseJson } from '../shared/json-reader.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { COLUMNS } from './columns.ts'
import { findOpenImagesFiles, type OpenImagesFiles } from './find-files.ts'
import { withParents } from './hierarchy.ts'
import { type ImageSize, parseImageSizes } from './image-sizes.ts'
import { layoutToJson } from './layout.ts'
import { categoryOf, readDescriptions } from './read-categories.ts'
import { readBox, readLabel, readMaskRow, rowToJson } from './read-rows.ts'
import { openTable, type Table, type TableRow } from './table.ts'

/**
 * Reads the CSV files of Open Images. Each is looked through once to find the rows of each image;
 * memory grows with the number of images, not of annotations.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readOpenImages(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findOpenImagesFiles(folder)
  const { categories, hasHeader } = await orSkip(
    async () => readDescriptions(folder, files.descriptions),
    { categories: new Map(), hasHeader: false },
    files.descriptions[0],
    context,
  )
  const hierarchy = await readHierarchy(folder, files, context)
  const sizes = await readSizes(folder, files, context)
  const all = new Map(categories)
  const images = new Map<string, Set<string>>()
  const tables: Table[] = []
  for (const file of files.tables) {
    const onLabel = (name: string): void => {
      if (name !== '' && !all.has(name)) all.set(name, categoryOf(name))
    }
    const onImage = (subset: string, id: string): void => {
      const known = images.get(subset)
      if (known === undefined) images.set(subset, new Set([id]))
      else known.add(id)
    }
    const table = await orSkip(
      async () => openTable(folder, file, context, { onLabel, onImage }),
      undefined,
      file.path,
      context,
    )
    if (table !== undefined) tables.push(table)
  }
  const listed = [...all.values()]
  const reading: Reading = {
    folder,
    files,
    tables,
    sizes,
    context,
    stems: await stemFinder(folder),
    media: await mediaFinder(folder),
  }
  return {
    schema: {
      categories: hierarchy === undefined ? listed : withParents(listed, hierarchy),
      attributes: [],
      info: hierarchy === undefined ? {} : { 'open-images': { hierarchy } },
    },
    layout: layoutToJson({
      root: files.root,
      descriptions: files.descriptions[0],
      hasHeader,
      hierarchy: files.hierarchy,
      sizes: files.sizes,
      tables: tables.map(({ kind, path, subset, columns }) => ({ kind, path, subset, columns })),
    }),
    items: readItems(reading, images),
  }
}

/** What the items are read with. */
interface Reading {
  readonly folder: Folder
  readonly files: OpenImagesFiles
  readonly tables: readonly Table[]
  readonly sizes: ReadonlyMap<string, ImageSize>
  readonly stems: StemFinder
  readonly media: MediaFinder
  readonly context: ReadContext
}

async function orSkip<Result, Otherwise>(
  work: () => Promise<Result>,
  otherwise: Otherwise,
  file: string | undefined,
  context: ReadContext,
): Promise<Result | Otherwise> {
  try {
    return await work()
  } catch (error) {
    skipOrThrow(error, file ?? '', context)
    return otherwise
  }
}

async function readHierarchy(
  folder: Folder,
  { hierarchy: path }: OpenImagesFiles,
  context: ReadContext,
): Promise<Json | undefined> {
  if (path === undefined) return undefined
  return orSkip(async () => parseJson(await folder.read(path), path), undefined, path, context)
}

async function readSizes(
  folder: Folder,
  { sizes: path }: OpenImagesFiles,
  context: ReadContext,
): Promise<ReadonlyMap<string, ImageSize>> {
  if (path === undefined) return new Map()
  const read = async (): Promise<ReadonlyMap<string, ImageSize>> =>
    parseImageSizes(await folder.read(path), path)
  return orSkip(read, new Map<string, ImageSize>(), path, context)
}

async function* readItems(
  reading: Reading,
  images: ReadonlyMap<string, ReadonlySet<string>>,
): AsyncGenerator<SourceItem> {
  const { tables, context } = reading
  try {
    for (const [subset, ids] of images) {
      const own = tables.filter((table) => (table.subset ?? subset) === subset)
      for (const id of ids) {
        context.signal.throwIfAborted()
        try {
          yield await readItem(reading, own, { subset, id })
        } catch (error) {
          skipOrThrow(error, own[0]?.path ?? '', context)
        }
      }
    }
  } finally {
    for (const table of tables) await table.close()
  }
}

async function readItem(
  reading: Reading,
  tables: readonly Table[],
  { subset, id }: { readonly subset: string; readonly id: string },
): Promise<SourceItem> {
  const medium = await readMedium(reading, subset, id)
  const { width, height } = medium
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const drafts: AnnotationDraft[] = []
  const used = new Set<string>()
  let own: Json | undefined
  for (const { kind, path, rowsOf } of tables) {
    const place = { file: path, imageId: id }
    for (const row of await rowsOf(id)) {
      if (kind === 'images') own ??= imageFields(row)
      else if (kind === 'boxes') {
        if (size !== undefined) drafts.push(readBox(row, place, size))
        else {
          const where = `${subset}/${id}: the size of the image is not known`
          reading.context.onLoss({ what: 'annotation: box', where })
        }
      } else if (kind === 'masks') {
        drafts.push(...(await readMask(reading, row, place, { subset, size, used })))
      } else drafts.push(readLabel(row, place))
    }
  }
  return {
    subset,
    id,
    media: [medium],
    ...(own !== undefined && { extra: { 'open-images': own } }),
    layers: { [GROUND_TRUTH]: drafts },
  }
}

async function readMedium(
  { files, stems, sizes, context }: Reading,
  subset: string,
  id: string,
): Promise<SourceMedia> {
  const { root } = files
  const hints = [`${root}images/${subset}/`, `${root}${subset}/`, `${root}images/`, root]
  const found = stems.find(id, hints)
  const path = found ?? `${root}images/${subset}/${safeMediaName(id)}.jpg`
  const info = found === undefined ? undefined : await context.probe(found)
  return { role: 'primary', path, ...sizes.get(id), ...info, kind: 'image' }
}

const IMAGE_COLUMNS: ReadonlySet<string> = new Set(COLUMNS.images.slice(0, 2))

function imageFields(row: TableRow): Json | undefined {
  const fields = [...row].filter(([name]) => !IMAGE_COLUMNS.has(name))
  return fields.length === 0 ? undefined : rowToJson(fields)
}

/** What a mask is read with, beside its row. */
interface MaskContext {
  readonly subset: string
  readonly size: ImageSize | undefined
  /** Names of files of other masks of the image. */
  readonly used: Set<string>
}

async function readMask(
  { folder, files, media, context }: Reading,
  row: TableRow,
  place: { readonly file: string; readonly imageId: string },
  { subset, ...mask }: MaskContext,
): Promise<readonly AnnotationDraft[]> {
  const name = row.get('MaskPath') ?? ''
  const { root } = files
  const path = media.find(name, [`${root}masks/${subset}/`, `${root}masks/`]) ?? safeMediaName(name)
  try {
    const read = decodeMaskPng(await folder.read(path), path)
    return [readMaskRow(row, place, read, mask)]
  } catch (error) {
    const isMissing = isDsvError(error, 'DSV_FILE_NOT_FOUND')
    const missing = `a row of image ${place.imageId} names the mask "${name}", which is not there`
    const problem = isMissing ? formatSyntax(place.file, missing) : error
    skipOrThrow(problem, isMissing ? place.file : path, context)
    return []
  }
}
