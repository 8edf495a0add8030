import type { Folder, Json, OpenFile, ReadContext } from '@dsv/core'
import { formatSyntax } from '@dsv/core'
import { scalarAt } from '../shared/json-bytes.ts'
import {
  isObject,
  type JsonObject,
  objectAt,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import { type JsonElement, type JsonVisitor, lineAt, scanJson } from '../shared/json-scanner.ts'
import type { CocoFile } from './find-files.ts'
import { type IdColumn, idColumn, type IdColumnDraft } from './id-column.ts'
import { type KnownVersion, knownRecords } from './known-records.ts'
import { type CocoId, isId, type JsonStyle } from './layout.ts'
import {
  addRecord,
  finishedList,
  type RecordList,
  type RecordListDraft,
  recordListDraft,
} from './record-list.ts'

/** What one pass over a file found; the records themselves stay in the file. */
export interface CocoIndex {
  readonly file: CocoFile
  readonly keys: readonly string[]
  /** All members but images, annotations and categories. */
  readonly members: Readonly<Record<string, Json>>
  readonly categories: readonly JsonObject[]
  readonly images: RecordList
  readonly fileNames: readonly string[]
  readonly annotations: RecordList
  /** The `image_id` of each annotation. */
  readonly imageIds: IdColumn
  /** Which image each annotation is of, as a row of `images`; -1 where that is unknown. */
  readonly imageRows: Int32Array
  /** Whether records name files of segments, which say more of them. */
  readonly hasSegments: boolean
  readonly style: JsonStyle
}

/** What the first pass collects. */
interface Draft {
  readonly keys: string[]
  readonly members: Map<string, Json>
  /** The lists among the members, while they grow. */
  readonly lists: Map<string, Json[]>
  readonly categories: Json[]
  readonly images: RecordListDraft
  readonly fileNames: string[]
  readonly annotations: RecordListDraft
  readonly imageIds: IdColumnDraft
  hasLines: boolean
  hasSegments: boolean
}

/** The order in which records that were not there before are written. */
const USUAL_FIELDS: readonly string[] = [
  'id',
  'image_id',
  'category_id',
  'segmentation',
  'bbox',
  'area',
  'iscrowd',
  'keypoints',
  'num_keypoints',
  'caption',
  'score',
  'attributes',
  'track_id',
]

/** Records whose keys make up the usual order of fields. */
const FIELD_SAMPLE = 32
const MAX_MEMBER_CHARACTERS = 2 ** 28
/** What is read at once where most of the file is passed over. */
const SMALL_WINDOW_BYTES = 32 * 2 ** 10
const ID = 0
const IMAGE_ID = 1
const SEGMENTS_INFO = 2

/**
 * Reads a file once: members, categories and images are parsed, annotations are only located. Those
 * that are as they were in a version that is known are passed over.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function indexCocoFile(
  folder: Folder,
  file: CocoFile,
  context: ReadContext,
  version?: KnownVersion,
): Promise<CocoIndex> {
  const open = await folder.open(file.path)
  try {
    const draft = emptyDraft()
    await scan(open, { file, version }, draft, context)
    return await finish(open, file, draft, context)
  } finally {
    await open.close()
  }
}

async function scan(
  open: OpenFile,
  { file, version }: { readonly file: CocoFile; readonly version: KnownVersion | undefined },
  draft: Draft,
  context: ReadContext,
): Promise<void> {
  const annotationKey = file.task === 'results' ? '' : 'annotations'
  await scanJson(
    open,
    file.path,
    {
      watch: ['id', 'image_id', 'segments_info'],
      ...(isOfUse(version, file) && {
        known: knownAnnotations(draft, version, annotationKey),
        windowBytes: SMALL_WINDOW_BYTES,
      }),
      list: (key) => {
        draft.keys.push(key)
        if (key === annotationKey || key === 'images' || key === 'categories') return
        const list: Json[] = []
        draft.lists.set(key, list)
        draft.members.set(key, list)
      },
      member: (key, text) => {
        draft.keys.push(key)
        draft.members.set(key, parseText(text, file.path, key))
      },
      element: (element) => {
        if (element.key === annotationKey) addAnnotation(draft, element, file.path)
        else if (element.key === 'images')
          addImage(draft, element, file.path, context, version?.index.fileNames)
        else addOther(draft, element, file.path)
      },
    },
    context.signal,
  )
}

function addAnnotation(draft: Draft, element: JsonElement, path: string): void {
  const { buffer, watched, start } = element
  locate(draft.annotations, element, watchedValue(buffer, watched[ID]))
  draft.imageIds.push(watchedValue(buffer, watched[IMAGE_ID]))
  if ((watched[SEGMENTS_INFO] ?? -1) >= 0) draft.hasSegments = true
  if (element.index < FIELD_SAMPLE) addFields(draft.annotations, parseElement(element, path))
  if (element.index < 2) draft.hasLines = startsLine(buffer, start)
}

function isOfUse(version: KnownVersion | undefined, { task }: CocoFile): version is KnownVersion {
  return version !== undefined && version.stretches.length > 0 && version.index.file.task === task
}

/** Takes over annotations that are where they were but for a shift. */
function knownAnnotations(
  { annotations, imageIds }: Draft,
  version: KnownVersion,
  annotationKey: string,
): NonNullable<JsonVisitor['known']> {
  const knownAt = knownRecords(version)
  const { annotations: before, imageIds: imagesBefore } = version.index
  return (key, index, offset) => {
    // The fields of the first records are looked at.
    if (key !== annotationKey || index < FIELD_SAMPLE) return undefined
    const known = knownAt(offset)
    if (known === undefined) return undefined
    const { first, after, shift } = known
    for (let row = first; row < after; row += 1) {
      const start = (before.offsets[row] ?? 0) + shift
      addRecord(annotations, start, before.lengths[row] ?? 0, before.ids.at(row))
      imageIds.push(imagesBefore.at(row))
    }
    const last = after - 1
    return {
      count: after - first,
      end: (before.offsets[last] ?? 0) + (before.lengths[last] ?? 0) + shift,
    }
  }
}

function addImage(
  draft: Draft,
  element: JsonElement,
  path: string,
  context: ReadContext,
  namesBefore: readonly string[] = [],
): void {
  try {
    const image = parseElement(element, path)
    const place = placeOf({ file: path, path: 'images' }, element.index)
    const record = objectAt(image, place)
    const id = record['id']
    if (!isId(id)) throw wrongValue(placeOf(place, 'id'), 'should be a number')
    const fileName = stringAt(record['file_name'], placeOf(place, 'file_name'))
    if (typeof id === 'number' && Number.isInteger(id) && !Number.isSafeInteger(id)) {
      context.onLoss({ what: 'field: image id', where: `${path}: ${place.path}` })
    }
    locate(draft.images, element, id)
    const before = namesBefore[draft.fileNames.length]
    // Two versions share the text of a name.
    draft.fileNames.push(before === fileName ? before : fileName)
    if (element.index < FIELD_SAMPLE) addFields(draft.images, image)
    if (element.index < 2) draft.hasLines = startsLine(element.buffer, element.start)
  } catch (error) {
    skipOrThrow(error, path, context)
  }
}

function addOther(draft: Draft, element: JsonElement, path: string): void {
  const value = parseElement(element, path)
  if (element.key === 'categories') {
    draft.categories.push(value)
    return
  }
  draft.lists.get(element.key)?.push(value)
}

function locate(
  list: RecordListDraft,
  { offset, start, end }: JsonElement,
  id: CocoId | undefined,
): void {
  addRecord(list, offset, end - start, id)
}

/** Adds the keys of a record where they stand in it, so that one order serves records of all kinds. */
function addFields({ fields }: RecordListDraft, record: Json): void {
  if (!isObject(record)) return
  let at = 0
  for (const key of Object.keys(record)) {
    const known = fields.indexOf(key)
    if (known !== -1) {
      at = known + 1
      continue
    }
    const rank = USUAL_FIELDS.indexOf(key)
    while (at < fields.length && isBefore(USUAL_FIELDS.indexOf(fields[at] ?? ''), rank)) at += 1
    fields.splice(at, 0, key)
    at += 1
  }
}

function isBefore(rank: number, other: number): boolean {
  return rank !== -1 && (other === -1 || rank < other)
}

function watchedValue(buffer: Buffer, start: number | undefined): CocoId | undefined {
  return start === undefined || start < 0 ? undefined : scalarAt(buffer, start)
}

function startsLine(buffer: Buffer, start: number): boolean {
  return /\n[^,]*$/.test(buffer.toString('latin1', Math.max(0, start - 64), start))
}

function parseElement({ buffer, start, end, key, index }: JsonElement, path: string): Json {
  return parseText(
    buffer.toString('utf8', start, end),
    path,
    key === '' ? `[${index}]` : `${key}[${index}]`,
  )
}

/** Returns the value of a record. @throws `DSV_FORMAT_SYNTAX` that names NaN and Infinity */
export function parseText(text: string, file: string, path: string): Json {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (error) {
    const [, word] = /[:,[]\s*(-?Infinity|NaN)\b/.exec(text.slice(0, MAX_MEMBER_CHARACTERS)) ?? []
    const problem = word === undefined ? 'is no valid JSON' : `holds ${word}, which is no JSON`
    throw formatSyntax(file, `${path} ${problem}`, error)
  }
}

async function finish(
  open: OpenFile,
  file: CocoFile,
  draft: Draft,
  context: ReadContext,
): Promise<CocoIndex> {
  const categories = draft.categories.flatMap((category, index): readonly JsonObject[] => {
    try {
      const place = placeOf({ file: file.path, path: 'categories' }, index)
      const record = objectAt(category, place)
      if (!isId(record['id'])) throw wrongValue(placeOf(place, 'id'), 'should be a number')
      stringAt(record['name'], placeOf(place, 'name'))
      return [record]
    } catch (error) {
      skipOrThrow(error, file.path, context)
      return []
    }
  })
  const [images, annotations] = [finishedList(draft.images), finishedList(draft.annotations)]
  const imageIds = draft.imageIds.finished()
  const lists = { images, annotations, imageIds }
  return {
    file,
    keys: draft.keys,
    members: Object.fromEntries(draft.members),
    categories,
    ...lists,
    fileNames: draft.fileNames,
    imageRows:
      file.task === 'results' ? new Int32Array(0) : await rowsOf(open, file, lists, context),
    hasSegments: draft.hasSegments,
    style: await styleOf(open, draft),
  }
}

/** Both lists, with the `image_id` of each annotation. */
type Lists = Pick<CocoIndex, 'images' | 'annotations' | 'imageIds'>

async function rowsOf(
  open: OpenFile,
  file: CocoFile,
  lists: Lists,
  context: ReadContext,
): Promise<Int32Array> {
  const rows = new Map<CocoId, number>()
  const { images, imageIds } = lists
  for (let row = 0; row < images.ids.length; row += 1) {
    const id = images.ids.at(row)
    if (id === undefined) continue
    if (rows.has(id)) {
      skipOrThrow(
        formatSyntax(file.path, `images[${row}].id is ${id}, as is that of an earlier image`),
        file.path,
        context,
      )
    } else rows.set(id, row)
  }
  const imageRows = new Int32Array(imageIds.length).fill(-1)
  for (let index = 0; index < imageIds.length; index += 1) {
    const imageId = imageIds.at(index)
    const row = imageId === undefined ? undefined : rows.get(imageId)
    if (row !== undefined) imageRows[index] = row
    else await reportUnknownImage(open, file, lists, index, context)
  }
  return imageRows
}

async function reportUnknownImage(
  open: OpenFile,
  { path }: CocoFile,
  { annotations, imageIds }: Lists,
  index: number,
  context: ReadContext,
): Promise<void> {
  const imageId = imageIds.at(index)
  const problem =
    imageId === undefined
      ? 'should be the id of an image'
      : `is ${JSON.stringify(imageId)}, which is no id in \`images\``
  const where =
    context.onError === 'fail' ? await lineAt(open, annotations.offsets[index] ?? 0) : ''
  skipOrThrow(
    formatSyntax(
      path,
      `annotations[${index}].image_id ${problem}${where === '' ? '' : ` (${where})`}`,
    ),
    path,
    context,
  )
}

/** Reports a problem when bad records are skipped; throws it when not, or when it is no problem of ours. */
export function skipOrThrow(error: unknown, file: string, context: ReadContext): void {
  const isSyntax =
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'DSV_FORMAT_SYNTAX'
  if (context.onError === 'fail' || !isSyntax || !('message' in error)) throw error
  context.onProblem({ file, message: String(error.message) })
}

async function styleOf(open: OpenFile, { hasLines }: Draft): Promise<JsonStyle> {
  const head = Buffer.from(await open.read(0, 4096)).toString('latin1')
  const last = await open.read(Math.max(0, open.sizeBytes - 1), 1)
  const [, indent] = /^[^{[]*[{[]\r?\n( +)["{]/.exec(head) ?? []
  return {
    indent: indent?.length ?? 0,
    isSpaced: indent === undefined && /": /.test(head),
    hasLines: hasLines || /\],\r?\n"/.test(head),
    endsWithNewline: last[0] === 10,
  }
}

function emptyDraft(): Draft {
  return {
    keys: [],
    members: new Map(),
    lists: new Map(),
    categories: [],
    images: recordListDraft(),
    fileNames: [],
    annotations: recordListDraft(),
    imageIds: idColumn(),
    hasLines: false,
    hasSegments: false,
  }
}
