import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { cellText } from '../shared/cell-value.ts'
import { type CsvIndex, indexCsv } from '../shared/csv-index.ts'
import { csvBlocks } from '../shared/csv-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { parseColumnMap } from './column-map.ts'
import { type CsvTable, findTables } from './find-tables.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'
import { type ImageSize, type RowReader, rowReader } from './read-row.ts'

/**
 * Reads tables of images. Each is looked through once to find the rows of each image; memory grows with
 * the number of images, not of rows.
 *
 * @throws `DSV_FORMAT_SYNTAX`, `DSV_MAP_INVALID`
 */
export async function readCsv(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const map = context.map ?? layoutFromJson(context.layoutBefore)?.map
  const found = await findTables(folder, map === undefined ? undefined : parseColumnMap(map))
  if (found.length === 0) {
    const problem = map === undefined ? 'has no column of images' : `does not fit the map ${map}`
    const wanted = { usual: 'annotations.csv', suffixes: ['.csv', '.tsv', '.txt'], problem }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const categories = new Map<string, Category>()
  const addCategory = (name: string): void => {
    if (!categories.has(name)) categories.set(name, { key: name, name })
  }
  const classes = (await folder.has(CLASSES)) ? CLASSES : undefined
  if (classes !== undefined) await readClasses(folder, addCategory, context)
  const items = itemTable()
  const tables: OpenTable[] = []
  for (const table of found) {
    const reader = rowReader(table)
    const opened = await openTable(folder, table, reader, context, (row, number) => {
      if (reader.image(row) === '') {
        skipOrThrow(formatSyntax(table.path, `row ${number} has no image`), table.path, context)
        return
      }
      for (const name of reader.labels(row)) addCategory(name)
      items.add(reader.subset(row), reader.image(row), reader.item(row))
    })
    if (opened !== undefined) tables.push(opened)
  }
  const reading: Reading = {
    tables,
    context,
    media: await mediaFinder(folder),
    stems: await stemFinder(folder),
  }
  return {
    schema: { categories: [...categories.values()], attributes: [], info: {} },
    layout: layoutToJson({ map, classes, tables: found }),
    items: readItems(reading, items.bySubset),
  }
}

/** Where the names of classes are listed, in their order. */
export const CLASSES = 'classes.csv'

/** A table that was looked through. */
interface OpenTable extends CsvTable {
  readonly reader: RowReader
  readonly index: CsvIndex
}

interface Reading {
  readonly tables: readonly OpenTable[]
  readonly media: MediaFinder
  readonly stems: StemFinder
  readonly context: ReadContext
}

async function readClasses(
  folder: Folder,
  add: (name: string) => void,
  context: ReadContext,
): Promise<void> {
  const file = await folder.open(CLASSES)
  try {
    for await (const { rows, firstRow } of csvBlocks(file, CLASSES)) {
      for (const [at, [cell = '']] of rows.entries()) {
        const name = cellText(cell)
        const isHeader = firstRow + at === 1 && /^(?:class|label|name)$/iu.test(name ?? '')
        if (name !== undefined && !isHeader) add(name)
      }
    }
  } catch (error) {
    skipOrThrow(error, CLASSES, context)
  } finally {
    await file.close()
  }
}

async function openTable(
  folder: Folder,
  table: CsvTable,
  reader: RowReader,
  context: ReadContext,
  onRow: (row: readonly string[], number: number) => void,
): Promise<OpenTable | undefined> {
  const { path, delimiter, columns, map } = table
  const options = {
    delimiter,
    keyColumn: () => 0,
    keyOf: (row: readonly string[]) => keyOf(reader.subset(row), reader.image(row)),
    onRow,
    ...(!map.hasHeader && { columns }),
  }
  try {
    return { ...table, reader, index: await indexCsv(folder, path, options, context.signal) }
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

function keyOf(subset: string, image: string): string {
  return `${subset}\0${image}`
}

/** An item and what tables call its image: with and without extension is the same. */
interface NamedItem {
  readonly id: string
  readonly images: string[]
}

interface ItemTable {
  readonly bySubset: ReadonlyMap<string, ReadonlyMap<string, NamedItem>>
  readonly add: (subset: string, image: string, id: string | undefined) => void
}

/** Two images that differ in their extensions alone are two items. */
function itemTable(): ItemTable {
  const bySubset = new Map<string, Map<string, NamedItem>>()
  const seen = new Set<string>()
  return {
    bySubset,
    add: (subset, image, own) => {
      if (seen.has(keyOf(subset, image))) return
      seen.add(keyOf(subset, image))
      let items = bySubset.get(subset)
      if (items === undefined) bySubset.set(subset, (items = new Map()))
      const id = own ?? itemIdOf(image)
      const known = items.get(id)
      if (known === undefined) items.set(id, { id, images: [image] })
      else if (!isImagePath(image) || !known.images.some(isImagePath)) known.images.push(image)
      else {
        let other = safeMediaName(image)
        while (items.has(other)) other += "'"
        items.set(other, { id: other, images: [image] })
      }
    },
  }
}

/** Returns the id of the item whose image a table calls so. */
export function itemIdOf(image: string): string {
  const name = safeMediaName(image)
  return isImagePath(name) ? withoutExtension(name) : name
}

async function* readItems(
  reading: Reading,
  bySubset: ItemTable['bySubset'],
): AsyncGenerator<SourceItem> {
  const { tables, context } = reading
  try {
    for (const [subset, items] of bySubset) {
      for (const { id, images } of items.values()) {
        context.signal.throwIfAborted()
        try {
          yield await readItem(reading, { subset, id, images })
        } catch (error) {
          skipOrThrow(error, tables[0]?.path ?? '', context)
        }
      }
    }
  } finally {
    for (const { index } of tables) await index.close()
  }
}

async function readItem(
  reading: Reading,
  { subset, id, images }: NamedItem & { readonly subset: string },
): Promise<SourceItem> {
  const { tables, context } = reading
  const image = images.find(isImagePath) ?? images[0] ?? id
  const where = `a row of ${image.slice(0, 200)}`
  const rows: (readonly [RowReader, readonly string[]])[] = []
  for (const { reader, index } of tables) {
    for (const name of images) {
      for (const row of await index.rowsOf(keyOf(subset, name))) rows.push([reader, row])
    }
  }
  let stated: ImageSize | undefined
  for (const [reader, row] of rows) stated ??= reader.size(row, where)
  const medium = await readMedium(reading, subset, image, stated)
  const { width, height } = medium
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const drafts: AnnotationDraft[] = []
  for (const [reader, row] of rows) {
    if (size === undefined && reader.needsSize(row)) {
      const place = `${subset}/${id}: the size of the image is not known`
      context.onLoss({ what: 'annotation: box', where: place })
    } else drafts.push(...reader.annotations(row, size, where))
  }
  return { subset, id, media: [medium], layers: { [GROUND_TRUTH]: drafts } }
}

async function readMedium(
  { tables, media, stems, context }: Reading,
  subset: string,
  image: string,
  stated: ImageSize | undefined,
): Promise<SourceMedia> {
  const folders = tables.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1))
  const hints = ['', ...new Set(folders)].flatMap((root) => [
    `${root}images/${subset}/`,
    `${root}${subset}/`,
    `${root}images/`,
    root,
  ])
  const name = safeMediaName(image)
  const found = findImage(name, (each) => media.find(each, hints) ?? stems.find(each, hints))
  const info = found === undefined ? undefined : await context.probe(found)
  return { role: 'primary', path: found ?? name, ...stated, ...info, kind: 'image' }
}

/** Tables often call images by paths of another machine: the end of a path counts too. */
function findImage(name: string, find: (name: string) => string | undefined): string | undefined {
  for (let rest = name; ; rest = rest.slice(rest.indexOf('/') + 1)) {
    const found = find(rest)
    if (found !== undefined || !rest.includes('/')) return found
  }
}
