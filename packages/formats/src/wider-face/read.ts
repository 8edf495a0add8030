import {
  type AnnotationDraft,
  type Category,
  type CategoryKey,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { DATASET_META, parseDatasetMeta } from '../shared/dataset-meta.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readNameList } from '../shared/name-list.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type Event, eventOf } from './event.ts'
import { findWiderFaceFiles, type WiderFaceFiles, type WiderFaceList } from './find-files.ts'
import { layoutToJson } from './layout.ts'
import { readRecords, type WiderFaceRecord } from './records.ts'
import { classOfRow, FACE, readRow } from './row.ts'

const FILES_AT_ONCE = 16

/**
 * Reads WIDER FACE. The lists are looked through twice, first for the classes; memory grows with the
 * number of images.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readWiderFace(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = findWiderFaceFiles(await folder.list())
  const categories = await readCategories(folder, files, context)
  const media = await mediaFinder(folder)
  const known = new Set(categories.map(({ key }) => key))
  return {
    schema: { categories, attributes: [], info: {} },
    layout: layoutToJson(files),
    items: readLists(files, { folder, media, context, known }),
  }
}

async function readCategories(
  folder: Folder,
  files: WiderFaceFiles,
  context: ReadContext,
): Promise<readonly Category[]> {
  const names = (await readNames(folder, files, context)) ?? [FACE]
  const events = new Map<string, Event>()
  const others = new Set<string>()
  for (const list of files.lists) {
    try {
      for await (const { image, rows } of recordsOf(folder, list)) {
        context.signal.throwIfAborted()
        const event = eventOf(image)
        if (event !== undefined && !events.has(event.name)) events.set(event.name, event)
        for (const row of rows) others.add(classOfRow(row) ?? '')
      }
    } catch (error) {
      // It is thrown again, or reported, when the items are read.
      if (context.onError === 'fail') throw error
    }
  }
  others.delete('')
  const last = Number.MAX_SAFE_INTEGER
  const sorted = [...events.values()].toSorted((a, b) => (a.number ?? last) - (b.number ?? last))
  const all = new Set([...names, ...sorted.map(({ name }) => name), ...others])
  return [...all].map((name): Category => {
    const number = events.get(name)?.number
    return {
      key: name,
      name,
      ...(number !== undefined && { sourceIds: { 'wider-face': number } }),
    }
  })
}

async function readNames(
  folder: Folder,
  { names: path }: WiderFaceFiles,
  context: ReadContext,
): Promise<readonly string[] | undefined> {
  if (path === undefined) return undefined
  try {
    const isMeta = path.endsWith(DATASET_META)
    if (!isMeta) return await readNameList(folder, path)
    return parseDatasetMeta(await folder.read(path), path).map(({ name }) => name)
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}

async function* recordsOf(
  folder: Folder,
  { path }: WiderFaceList,
): AsyncGenerator<WiderFaceRecord> {
  const file = await folder.open(path)
  try {
    yield* readRecords(file, path)
  } finally {
    await file.close()
  }
}

/** What the lists are read with. */
interface Reading {
  readonly folder: Folder
  readonly media: MediaFinder
  readonly context: ReadContext
  readonly known: ReadonlySet<CategoryKey>
}

async function* readLists(files: WiderFaceFiles, reading: Reading): AsyncGenerator<SourceItem> {
  for (const list of files.lists) {
    const named = withIds(list, reading)
    yield* readAhead(named, FILES_AT_ONCE, async (record) =>
      readItem(record, list, files.root, reading),
    )
  }
}

/** A record, and the id that no other of its subset has. */
interface NamedRecord extends WiderFaceRecord {
  readonly id: string
}

async function* withIds(
  list: WiderFaceList,
  { folder, context }: Reading,
): AsyncGenerator<NamedRecord> {
  const used = new Set<string>()
  const images = new Set<string>()
  try {
    for await (const record of recordsOf(folder, list)) {
      const stem = withoutExtension(record.image)
      const short = stem.slice(stem.indexOf('/') + 1)
      const id = [short, stem, record.image].find((each) => each !== '' && !used.has(each))
      if (id === undefined || images.has(record.image)) {
        const problem = `line ${record.line} names an image again: ${record.image}`
        skipOrThrow(formatSyntax(list.path, problem), list.path, context)
      } else {
        used.add(id)
        images.add(record.image)
        yield { ...record, id }
      }
    }
  } catch (error) {
    skipOrThrow(error, list.path, context)
  }
}

async function readItem(
  { id, image, rows, line, problem }: NamedRecord,
  { subset, path: file }: WiderFaceList,
  root: string,
  { media, context, known }: Reading,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const images = `${root}WIDER_${subset}/images/`
  const found = media.find(image, [images])
  const info = found === undefined ? undefined : await context.probe(found)
  const drafts: AnnotationDraft[] = []
  const event = eventOf(image)
  if (event !== undefined && known.has(event.name)) {
    drafts.push({ type: 'label', category: event.name })
  }
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  for (const row of rows) attempt(() => drafts.push(readRow(row, { file, line }, known)))
  attempt(() => {
    if (problem !== undefined) throw formatSyntax(file, `the image of line ${line} ${problem}`)
  })
  const path = found ?? images + safeMediaName(image)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}
