import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { type CsvIndex, indexCsv } from '../shared/csv-index.ts'
import { freeId } from '../shared/image-name.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { boxInPixels, type BoxSize } from '../shared/normalised-box.ts'
import { parseNumbers } from '../shared/parse-number.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { type Action, parseActionList } from './action-list.ts'
import { type AvaFiles, type AvaTable, findAvaFiles } from './find-files.ts'
import { frameFiles, frameId, type FrameName } from './frame-name.ts'

const COLUMNS = 'video timestamp x1 y1 x2 y2 action person'.split(' ')

/** Reads the tables of AVA; the rows of one video are held at a time. @throws `DSV_FORMAT_SYNTAX` */
export async function readAva(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findAvaFiles(folder)
  const categories = new Map<string, Category>()
  const keys = new Set<string>()
  for (const { id, name, kind } of await readActions(folder, files, context)) {
    const key = freeId(name, keys)
    const extra = kind === undefined ? {} : { extra: { ava: { label_type: kind } } }
    if (!categories.has(`${id}`)) {
      categories.set(`${id}`, { key, name: key, sourceIds: { ava: id }, ...extra })
    }
  }
  const tables: OpenTable[] = []
  for (const table of files.tables) {
    const onRow = (row: readonly string[]): void => {
      const action = row[6] ?? ''
      if (!/^\d{1,9}$/u.test(action) || categories.has(action)) return
      const name = freeId(`action-${action}`, keys)
      categories.set(action, { key: name, name, sourceIds: { ava: Number(action) } })
    }
    try {
      const options = { columns: COLUMNS, keyColumn: () => 0, onRow }
      tables.push({ ...table, index: await indexCsv(folder, table.path, options, context.signal) })
    } catch (error) {
      skipOrThrow(error, table.path, context)
    }
  }
  const { folder: place, frames, release } = files
  const reading: Reading = { files, context, categories, stems: await stemFinder(folder) }
  return {
    schema: { ...EMPTY_SCHEMA, categories: [...categories.values()] },
    layout: { version: 1, folder: place, frames, release },
    items: readItems(reading, tables),
  }
}

interface OpenTable extends AvaTable {
  readonly index: CsvIndex
}

interface Reading {
  readonly files: AvaFiles
  readonly context: ReadContext
  /** Categories by the number of their action. */
  readonly categories: ReadonlyMap<string, Category>
  readonly stems: StemFinder
}

async function readActions(
  folder: Folder,
  { actions: path }: AvaFiles,
  context: ReadContext,
): Promise<readonly Action[]> {
  if (path === undefined) return []
  try {
    return parseActionList(await folder.read(path), path)
  } catch (error) {
    skipOrThrow(error, path, context)
    return []
  }
}

async function* readItems(
  reading: Reading,
  tables: readonly OpenTable[],
): AsyncGenerator<SourceItem> {
  try {
    for (const subset of new Set(tables.map((table) => table.subset))) {
      const own = tables.filter((table) => table.subset === subset)
      const videos = new Set(own.flatMap(({ index }) => [...index.keys]))
      for (const video of videos) yield* readVideo(reading, own, subset, video)
    }
  } finally {
    for (const { index } of tables) await index.close()
  }
}

interface FrameRows {
  isExcluded: boolean
  readonly rows: { readonly path: string; readonly fields: readonly string[] }[]
}

async function* readVideo(
  reading: Reading,
  tables: readonly OpenTable[],
  subset: string,
  video: string,
): AsyncGenerator<SourceItem> {
  const { context } = reading
  const frames = new Map<string, FrameRows>()
  for (const { index, isExcluded, path } of tables) {
    try {
      for (const [, timestamp = '', ...fields] of await index.rowsOf(video)) {
        const frame = frames.get(timestamp) ?? { isExcluded: false, rows: [] }
        frames.set(timestamp, frame)
        if (isExcluded) frame.isExcluded = true
        else if (fields.some((field) => field !== '')) frame.rows.push({ path, fields })
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  for (const [timestamp, rows] of frames) {
    context.signal.throwIfAborted()
    try {
      if (timestamp === '')
        throw formatSyntax(tables[0]?.path ?? '', `a row of the video "${video}" has no timestamp`)
      yield await readFrame(reading, subset, { video, timestamp }, rows)
    } catch (error) {
      skipOrThrow(error, tables[0]?.path ?? '', context)
    }
  }
}

async function readFrame(
  reading: Reading,
  subset: string,
  frame: FrameName,
  { isExcluded, rows }: FrameRows,
): Promise<SourceItem> {
  const medium = await readMedium(reading, frame)
  const { width, height } = medium
  const id = frameId(frame)
  const drafts = rows.flatMap(({ path, fields }): readonly AnnotationDraft[] => {
    const draft = draftOf(fields, reading, { path, id })
    if (width !== undefined && height !== undefined) return [draft({ width, height })]
    const where = `${subset}/${id}: the size of the image is not known`
    reading.context.onLoss({ what: 'annotation: box', where })
    return []
  })
  return {
    subset,
    id,
    media: [medium],
    ...(isExcluded && { attributes: { excluded: true } }),
    layers: { [GROUND_TRUTH]: drafts },
  }
}

async function readMedium(
  { files, stems, context }: Reading,
  frame: FrameName,
): Promise<SourceMedia> {
  const names = frameFiles(frame)
  const found = names
    .map((name) => stems.find(name, [files.frames]))
    .find((path) => path !== undefined)
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? `${files.frames}${safeMediaName(names[0] ?? '')}.jpg`
  return { role: 'primary', path, ...info, kind: 'image' }
}

/** Checks a row; what it returns makes the box, once the size of the image is known. */
function draftOf(
  fields: readonly string[],
  { categories }: Reading,
  { path, id }: { readonly path: string; readonly id: string },
): (size: BoxSize) => AnnotationDraft {
  const place = `the box of ${id}`
  const [left = 0, top = 0, right = 0, bottom = 0] = parseNumbers(
    Array.from({ length: 4 }, (_, at) => fields[at]?.trim() ?? ''),
    path,
    place,
  )
  const [action = '', person = ''] = fields.slice(4).map((field) => field.trim())
  if (action !== '' && !categories.has(action)) {
    throw formatSyntax(path, `the action of ${place} should be a whole number: ${action}`)
  }
  const category = categories.get(action)?.key
  return (size) => {
    const [x, y, width, height] = boxInPixels({ left, top, right, bottom }, size)
    return {
      type: 'box',
      x,
      y,
      width,
      height,
      ...(category !== undefined && { category }),
      ...(person !== '' && { track: trackOf(person) }),
    }
  }
}

function trackOf(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) && String(number) === text ? number : text
}
