import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { freeId, idOfImage, nameToKeep } from '../shared/image-name.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { categoriesInOrder } from '../shared/name-list.ts'
import { parseNumber } from '../shared/parse-number.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf, subsetFilesToJson, subsetsByFolder } from '../shared/subset-files.ts'
import { type ClassRow, type ClassTable, isClassTable, readHeader, rowsOf } from './class-table.ts'

const FILES_AT_ONCE = 16

/** Reads tables of a column for each class as streams. @throws `DSV_FORMAT_SYNTAX` */
export async function readRoboflowMulticlass(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = subsetsByFolder((await folder.list()).filter(isClassTable))
  const tables: ClassTable[] = []
  for (const file of files) {
    try {
      tables.push({ ...file, classes: await readHeader(folder, file.path) })
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  const media = await mediaFinder(folder)
  return {
    schema: {
      categories: categoriesInOrder(tables.flatMap(({ classes }) => classes)),
      attributes: [],
      info: {},
    },
    layout: subsetFilesToJson(files),
    items: readTables(folder, tables, media, context),
  }
}

async function* readTables(
  folder: Folder,
  tables: readonly ClassTable[],
  media: MediaFinder,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for (const table of tables) {
    const images = imagesOf(folder, table, context)
    yield* readAhead(images, FILES_AT_ONCE, async (image) => {
      return readItem(image, table, media, context)
    })
  }
}

/** The row of an image, and the id that no other of its table has. */
interface ImageRow extends ClassRow {
  readonly image: string
  readonly id: string
}

async function* imagesOf(
  folder: Folder,
  { path }: ClassTable,
  context: ReadContext,
): AsyncGenerator<ImageRow> {
  const [images, ids] = [new Set<string>(), new Set<string>()]
  try {
    for await (const { cells, row } of rowsOf(folder, path)) {
      const [image = ''] = cells
      if (row === 1) continue
      if (image === '' || images.has(image)) {
        const problem = image === '' ? 'names no image' : `names ${image} again`
        skipOrThrow(formatSyntax(path, `row ${row} ${problem}`), path, context)
        continue
      }
      images.add(image)
      yield { cells, row, image, id: freeId(idOfImage(image), ids) }
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  }
}

async function readItem(
  { cells, row, image, id }: ImageRow,
  { path: file, subset, classes }: ClassTable,
  media: MediaFinder,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const hint = folderOf(file)
  const found = media.find(image, [hint, `${hint}images/`])
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? hint + safeMediaName(image)
  const drafts: AnnotationDraft[] = []
  for (const [at, category] of classes.entries()) {
    try {
      const score = scoreOf(cells[at + 1] ?? '', { file, row, category })
      if (score === 0) continue
      drafts.push({ type: 'label', category, ...(score !== 1 && { score }) })
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  const kept = nameToKeep(image, id, path)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    ...(kept !== undefined && { extra: { 'roboflow-multiclass': { filename: kept } } }),
    layers: { [GROUND_TRUTH]: drafts },
  }
}

/** 1 where an image is of a class, 0 where not; what is between is how sure somebody is. */
function scoreOf(
  text: string,
  {
    file,
    row,
    category,
  }: { readonly file: string; readonly row: number; readonly category: string },
): number {
  const score = text === '' ? 0 : parseNumber(text)
  if (score !== undefined) return score
  throw formatSyntax(file, `row ${row} should have 0 or 1 for ${category}: ${text}`)
}
