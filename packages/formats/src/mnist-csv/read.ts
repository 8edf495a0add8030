import {
  type Category,
  type DatasetStream,
  type Folder,
  formatSyntax,
  type OpenFile,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { csvBlocks, parseCsv } from '../shared/csv-reader.ts'
import { numberedNames } from '../shared/digits.ts'
import { categoriesOf, parseLabelList } from '../shared/label-list.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { pixelItem } from '../shared/pixel-item.ts'
import type { RawPixels } from '../shared/raw-pixels.ts'
import { sizeOf } from '../shared/size-text.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { findMnistCsvFiles, type MnistCsvFiles } from './find-files.ts'
import { layoutOf } from './layout.ts'

/** This label stands for none. */
const NO_LABEL = -1
const MAX_CLASSES = 2 ** 16

/**
 * Reads CSV files whose rows are a label and the pixels of a grey image, row by row. A first row of
 * names is left out. Images are square unless `meta_<subset>.csv` says their size.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readMnistCsv(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findMnistCsvFiles(folder)
  let header = ''
  let categories: readonly Category[] = []
  try {
    if (files.length === 0) throw formatSyntax('mnist_*.csv', 'is not in the folder')
    header = await headerOf(folder, files)
    categories = await readCategories(folder, files, context)
  } catch (error) {
    skipOrThrow(error, files[0]?.path ?? 'mnist_*.csv', context)
  }
  return {
    schema: { categories, attributes: [], info: {} },
    layout: layoutOf(files, header),
    items: readItems(folder, files, categories, context),
  }
}

async function headerOf(folder: Folder, [first]: readonly MnistCsvFiles[]): Promise<string> {
  if (first === undefined) return ''
  const file = await folder.open(first.path)
  try {
    for await (const { rows } of csvBlocks(file, first.path)) {
      const [names = []] = rows
      return isHeader(names) ? names.join(',') : ''
    }
    return ''
  } finally {
    await file.close()
  }
}

function isHeader([first = '']: readonly string[]): boolean {
  return first !== '' && !/^\s*-?\d+\s*$/u.test(first)
}

/** The names in `labels.txt`, else the digits, and as many more as labels need. */
async function readCategories(
  folder: Folder,
  files: readonly MnistCsvFiles[],
  context: ReadContext,
): Promise<readonly Category[]> {
  const root = files[0]?.path.replace(/[^/]*$/u, '') ?? ''
  const list = `${root}labels.txt`
  if (await folder.has(list)) return categoriesOf(parseLabelList(await folder.read(list), list))
  let largest = 0
  for (const { path } of files) {
    try {
      for await (const { row } of rowsOf(folder, path)) {
        context.signal.throwIfAborted()
        const label = Number(row[0])
        if (label < MAX_CLASSES) largest = Math.max(largest, label)
      }
    } catch (error) {
      // It is reported when its items are read.
      if (context.onError === 'fail') throw error
    }
  }
  return categoriesOf(numberedNames(largest))
}

async function* readItems(
  folder: Folder,
  files: readonly MnistCsvFiles[],
  categories: readonly Category[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const seen = new Set<string>()
  for (const source of files) {
    try {
      const meta = source.meta === undefined ? undefined : await readMeta(folder, source.meta)
      for await (const { row, index } of rowsOf(folder, source.path)) {
        context.signal.throwIfAborted()
        try {
          const item = itemOf(row, index, { source, categories, meta: meta?.[index] })
          const key = `${item.subset}\0${item.id}`
          if (seen.has(key)) {
            throw formatSyntax(source.path, `image ${index} has the name of another: ${item.id}`)
          }
          seen.add(key)
          yield item
        } catch (error) {
          skipOrThrow(error, source.path, context)
        }
      }
    } catch (error) {
      skipOrThrow(error, source.path, context)
    }
  }
}

async function readMeta(folder: Folder, path: string): Promise<readonly (readonly string[])[]> {
  return parseCsv(await folder.read(path), path)
}

interface NumberedRow {
  readonly row: readonly string[]
  readonly index: number
}

async function* rowsOf(folder: Folder, path: string): AsyncGenerator<NumberedRow> {
  const file: OpenFile = await folder.open(path)
  try {
    let index = 0
    for await (const { rows, firstRow } of csvBlocks(file, path)) {
      for (const [at, row] of rows.entries()) {
        if (firstRow + at === 1 && isHeader(row)) continue
        yield { row, index }
        index += 1
      }
    }
  } finally {
    await file.close()
  }
}

interface RowContext {
  readonly source: MnistCsvFiles
  readonly categories: readonly Category[]
  readonly meta: readonly string[] | undefined
}

function itemOf(row: readonly string[], index: number, context: RowContext): SourceItem {
  const { source, categories, meta = [] } = context
  const place = `${source.path}: image ${index}`
  const named = meta.length === 1 || meta.length === 3 ? (meta[0] ?? '') : ''
  const id = named === '' ? `${index}` : safeMediaName(named)
  const label = wholeNumber(row[0] ?? '', NO_LABEL, place)
  const category = categories[label]
  if (category === undefined && label !== NO_LABEL) {
    throw formatSyntax(place, `has the label ${label}, which has no name`)
  }
  const samples = row.length === 2 && row[1] === '' ? [] : row.slice(1)
  const size = meta.length > 1 ? sizeOf(meta.slice(-2), place) : undefined
  return pixelItem(
    { subset: source.subset, id },
    samples.length === 0 ? undefined : pixelsOf(samples, size, place),
    category,
  )
}

function pixelsOf(
  samples: readonly string[],
  size: { readonly width: number; readonly height: number } | undefined,
  place: string,
): RawPixels {
  const side = Math.sqrt(samples.length)
  const { width, height } = size ?? { width: side, height: side }
  if (!Number.isInteger(width) || width * height !== samples.length) {
    const wanted = size === undefined ? 'no square' : `not ${width}×${height}`
    throw formatSyntax(place, `has ${samples.length} pixels, which is ${wanted}`)
  }
  const data = Uint8Array.from(samples, (text) => {
    const sample = wholeNumber(text, 0, place)
    if (sample > 255) throw formatSyntax(place, `has the pixel ${sample}, more than 255`)
    return sample
  })
  return { width, height, channels: 1, data }
}

function wholeNumber(text: string, least: number, place: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < least) {
    throw formatSyntax(place, `has "${text.slice(0, 20)}" where a whole number belongs`)
  }
  return value
}
