import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { categoriesNamed } from '../shared/class-names.ts'
import { type CsvIndex, indexCsv } from '../shared/csv-index.ts'
import { subsetsByName } from '../shared/export-files.ts'
import { freeId, idOfImage, nameToKeep } from '../shared/image-name.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { parseNumbers } from '../shared/parse-number.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf, type SubsetFile, subsetFilesToJson } from '../shared/subset-files.ts'
import { COLUMNS, findVottCsvFiles } from './find-files.ts'

/**
 * Reads CSV exports of VoTT: a row for each box. The name of the file says the subset. Files are read
 * once for images and labels, then as a stream.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readVottCsv(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = subsetsByName(await findVottCsvFiles(folder))
  if (files.length === 0) {
    const wanted = {
      usual: 'default-export.csv',
      suffixes: ['.csv'],
      problem: 'has no columns of VoTT',
    }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const labels = new Set<string>()
  const readable: SubsetFile[] = []
  for (const file of files) {
    try {
      const index = await openIndex(folder, file.path, labels, context)
      await index.close()
      const others = index.columns.filter((name) => !COLUMNS.some((own) => own === name.trim()))
      for (const name of others) context.onLoss({ what: `column: ${name}`, where: file.path })
      readable.push(file)
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  return {
    schema: { categories: categoriesNamed(labels), attributes: [], info: {} },
    layout: subsetFilesToJson(files),
    items: readItems(folder, readable, context),
  }
}

async function openIndex(
  folder: Folder,
  path: string,
  labels: Set<string>,
  context: ReadContext,
): Promise<CsvIndex> {
  let label = -1
  const options = {
    keyColumn: (columns: readonly string[]): number => {
      const names = columns.map((name) => name.trim())
      label = names.indexOf('label')
      return names.indexOf('image')
    },
    onRow: (row: readonly string[]): void => {
      const name = row[label]
      if (name !== undefined && name !== '') labels.add(name)
    },
  }
  return indexCsv(folder, path, options, context.signal)
}

async function* readItems(
  folder: Folder,
  files: readonly SubsetFile[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  for (const file of files) {
    const ids = new Set<string>()
    const index = await openIndex(folder, file.path, new Set(), context)
    try {
      for (const image of index.keys) {
        context.signal.throwIfAborted()
        yield await readItem(image, file, { index, media, ids, context })
      }
    } finally {
      await index.close()
    }
  }
}

interface Reader {
  readonly index: CsvIndex
  readonly media: MediaFinder
  readonly ids: Set<string>
  readonly context: ReadContext
}

async function readItem(
  image: string,
  { path: file, subset }: SubsetFile,
  { index, media, ids, context }: Reader,
): Promise<SourceItem> {
  const id = freeId(idOfImage(image), ids)
  const hint = folderOf(file)
  const path = media.find(image, [hint]) ?? hint + safeMediaName(image)
  const drafts: AnnotationDraft[] = []
  for (const row of await index.rowsOf(image)) {
    try {
      const draft = readRow(row, index.columns, file)
      if (draft !== undefined) drafts.push(draft)
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  const kept = nameToKeep(image, id, path)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...((await context.probe(path)) ?? { kind: 'image' }) }],
    layers: { [GROUND_TRUTH]: drafts },
    ...(kept !== undefined && { extra: { 'vott-csv': { image: kept } } }),
  }
}

/** A row without numbers says only that there is an image. */
function readRow(
  row: readonly string[],
  columns: readonly string[],
  file: string,
): AnnotationDraft | undefined {
  const field = (name: string): string =>
    row[columns.findIndex((each) => each.trim() === name)] ?? ''
  const corners = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => field(name).trim())
  if (corners.every((text) => text === '')) return undefined
  const numbers = parseNumbers(corners, file, `the corners of a box of ${field('image')}`)
  const [x = 0, y = 0, right = 0, bottom = 0] = numbers
  const label = field('label')
  const category = label === '' ? {} : { category: label }
  return { type: 'box', ...category, x, y, width: right - x, height: bottom - y }
}
