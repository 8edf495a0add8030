import type { Json, Schema, WritableFolder } from '@dsv/core'
import { isArray, type JsonObject } from '../shared/json-reader.ts'
import { textPieces } from '../shared/text-pieces.ts'
import type { CocoTask } from './find-files.ts'
import {
  listMarks,
  type Parts,
  recordWriter,
  shortList,
  type StyledMember,
  styledObject,
} from './json-style.ts'
import { type IdSet, idSet } from './id-set.ts'
import { type CocoFileLayout, type CocoId, DEFAULT_STYLE } from './layout.ts'
import { type RecordSink, recordSink } from './record-sink.ts'
import { categoryRecords, type FileCategories, fileCategories } from './write-categories.ts'
import { orderFields } from './write-annotation.ts'

const MEMBERS = ['info', 'licenses', 'images', 'annotations']

/** One annotation file while its records are collected. */
export interface FileSink {
  readonly schema: Schema
  readonly layout: CocoFileLayout
  /** Whether the file was there before. */
  readonly isKept: boolean
  readonly categories: FileCategories
  readonly images: RecordSink
  readonly annotations: RecordSink
  /** Ids of annotations that are taken. */
  readonly usedIds: IdSet
  readonly writeRecord: (record: JsonObject) => Uint8Array
  /** Keys of the categories that its annotations name. */
  readonly usedCategories: Set<string>
}

/**
 * Makes the sink of a file; `before` are all files that were there before, when it is one of them.
 */
export function fileSink(
  schema: Schema,
  layout: CocoFileLayout,
  before?: readonly CocoFileLayout[],
): FileSink {
  const isKept = before !== undefined
  const categories = fileCategories(schema, isKept ? layout : undefined, before ?? [])
  // With categories in the file, pycocotools wants a `category_id` in each of its annotations.
  const isWithout = !isKept && layout.task === 'captions'
  return {
    schema,
    layout,
    isKept,
    categories: isWithout ? { ...categories, listed: new Set() } : categories,
    images: recordSink(),
    annotations: recordSink(),
    usedIds: idSet(),
    writeRecord: recordWriter(layout.style, layout.task === 'results' ? 1 : 2),
    usedCategories: new Set(),
  }
}

/** Returns the id of a category in a file, which will list it; that of none when it has none. */
export function categoryIdIn(
  { categories, usedCategories }: FileSink,
  key: string | undefined,
): CocoId {
  const id = key === undefined ? undefined : categories.ids.get(key)
  if (key === undefined || id === undefined) return categories.none
  usedCategories.add(key)
  return id
}

/** Returns the layout of a file that was not there before. */
export function newFileLayout(
  task: CocoTask,
  subset: string,
  sibling?: CocoFileLayout,
): CocoFileLayout {
  const name = task === 'keypoints' ? 'person_keypoints' : task
  const style = sibling?.style ?? DEFAULT_STYLE
  const path =
    sibling?.task === task && sibling.subset !== '' && sibling.path.includes(sibling.subset)
      ? sibling.path.replaceAll(sibling.subset, subset)
      : `annotations/${name}_${subset}.json`
  const imagePrefix =
    sibling !== undefined && sibling.imagePrefix.includes(sibling.subset)
      ? sibling.imagePrefix.replaceAll(sibling.subset, subset)
      : `images/${subset}/`
  return {
    path,
    task,
    subset,
    keys: task === 'captions' ? MEMBERS : [...MEMBERS, 'categories'],
    style,
    imagePrefix,
    imageOrder: 'item',
    annotationOrder: 'item',
    imageFields: [],
    annotationFields: [],
    categoryFields: [],
    categories: [],
    hasAllImages: false,
  }
}

/** Puts a record of an image aside. */
export function addImage(sink: FileSink, record: JsonObject, id: CocoId, group: number): void {
  const ordered = orderFields(record, sink.layout.imageFields)
  sink.images.add(sink.writeRecord(ordered), id, group)
}

/** Puts a record of an annotation aside. */
export function addAnnotation(
  sink: FileSink,
  record: JsonObject,
  id: CocoId | undefined,
  group: number,
): void {
  const ordered = orderFields(record, sink.layout.annotationFields)
  sink.annotations.add(sink.writeRecord(ordered), id, group)
}

/** Writes the file; returns its layout. */
export async function writeSink(
  sink: FileSink,
  members: JsonObject,
  folder: WritableFolder,
  signal: AbortSignal,
): Promise<CocoFileLayout> {
  const { layout } = sink
  const { path, style, task } = layout
  const text =
    task === 'results'
      ? resultsText(sink, signal)
      : styledObject(membersOf(sink, members, signal), style)
  await folder.write(path, textPieces(text))
  await closeSink(sink)
  const { ids, listed } = sink.categories
  const keys = new Set([...listed, ...sink.usedCategories])
  return { ...layout, categories: [...ids].filter(([key]) => keys.has(key)) }
}

/** Gives back what the sink holds. */
export async function closeSink({ images, annotations }: FileSink): Promise<void> {
  await images.close()
  await annotations.close()
}

async function* resultsText(
  { annotations, layout }: FileSink,
  signal: AbortSignal,
): AsyncGenerator<string | Uint8Array> {
  yield '['
  yield* annotations.ordered(layout.annotationOrder, listMarks(layout.style, 0), signal)
  yield layout.style.endsWithNewline ? ']\n' : ']'
}

function membersOf(
  sink: FileSink,
  members: JsonObject,
  signal: AbortSignal,
): readonly StyledMember[] {
  const { layout, images, annotations, categories } = sink
  const { imageOrder, annotationOrder, style, categoryFields } = layout
  const used = sink.usedCategories
  const records = categoryRecords(sink.schema, categories, used, categoryFields)
  const marks = listMarks(style, 1)
  const lists = new Map<string, Parts>([
    ['images', images.ordered(imageOrder, marks, signal)],
    ['annotations', annotations.ordered(annotationOrder, marks, signal)],
    ['categories', shortList(records, style)],
  ])
  const needed = ['images', 'annotations', 'categories'].filter(
    (key) => !layout.keys.includes(key) && isNeeded(key, annotations.count, records.length),
  )
  const keys = [
    ...layout.keys.filter((key) => lists.has(key) || Object.hasOwn(members, key)),
    ...needed,
  ]
  for (const key of Object.keys(members)) if (!keys.includes(key)) keys.push(key)
  return keys.map((key): StyledMember => {
    const list = lists.get(key)
    if (list !== undefined) return { key, list }
    const value: Json = members[key] ?? null
    return isArray(value) ? { key, list: shortList(value, style) } : { key, value }
  })
}

/** A captions file without categories stays one. */
function isNeeded(key: string, annotations: number, categories: number): boolean {
  if (key === 'annotations') return annotations > 0
  return key === 'categories' ? categories > 0 : true
}
