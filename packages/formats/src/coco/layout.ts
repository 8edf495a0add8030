import type { Json } from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { COCO_TASKS, type CocoFile, type CocoTask } from './find-files.ts'

/** An id as COCO files have it. */
export type CocoId = number | string

/** How the text of a file is laid out. */
export interface JsonStyle {
  /** Spaces by which each level is indented; 0: all on one line, or a record on each line. */
  readonly indent: number
  /** Whether `, ` and `: ` have a space, as Python writes them. */
  readonly isSpaced: boolean
  /** Whether each record of a list begins a line. */
  readonly hasLines: boolean
  readonly endsWithNewline: boolean
}

/** `id`: ascending; `item`: as the items are ordered, or as their images are; else the ids in order. */
export type RecordOrder = 'id' | 'item' | readonly CocoId[]

/** How one annotation file was written. */
export interface CocoFileLayout extends CocoFile {
  /** Keys at the top, in order. */
  readonly keys: readonly string[]
  readonly style: JsonStyle
  /** What stands before `file_name` in the paths of the images. */
  readonly imagePrefix: string
  readonly imageOrder: RecordOrder
  readonly annotationOrder: RecordOrder
  readonly imageFields: readonly string[]
  readonly annotationFields: readonly string[]
  readonly categoryFields: readonly string[]
  /** Key and id of each category of the file, in order. */
  readonly categories: readonly (readonly [string, CocoId])[]
  /** Whether the file lists all images of its subset, or only those it says something about. */
  readonly hasAllImages: boolean
}

/** The layout of a dataset; `version` changes when older layouts cannot be read any more. */
export interface CocoLayout {
  readonly version: 1
  readonly files: readonly CocoFileLayout[]
}

/** The style of files that were not there before: a record on each line. */
export const DEFAULT_STYLE: JsonStyle = {
  indent: 0,
  isSpaced: false,
  hasLines: true,
  endsWithNewline: true,
}

/** Returns the layout as plain JSON. */
export function layoutToJson({ version, files }: CocoLayout): Json {
  return { version, files: files.map((file): Json => ({ ...file, style: { ...file.style } })) }
}

/** Returns a remembered layout; undefined for null and for what another format or release remembered. */
export function layoutFromJson(layout: Json): CocoLayout | undefined {
  if (!isObject(layout) || layout['version'] !== 1 || !Array.isArray(layout['files']))
    return undefined
  const files: CocoFileLayout[] = []
  for (const file of layout['files']) {
    const read = isObject(file) ? fileLayout(file) : undefined
    if (read === undefined) return undefined
    files.push(read)
  }
  return { version: 1, files }
}

function fileLayout(file: JsonObject): CocoFileLayout | undefined {
  const { path, task, subset, style, imagePrefix, categories } = file
  if (typeof path !== 'string' || typeof subset !== 'string' || !isTask(task)) return undefined
  if (typeof imagePrefix !== 'string' || !isObject(style)) return undefined
  return {
    path,
    task,
    subset,
    imagePrefix,
    keys: strings(file['keys']),
    style: {
      indent: typeof style['indent'] === 'number' ? Math.min(16, Math.max(0, style['indent'])) : 0,
      isSpaced: style['isSpaced'] === true,
      hasLines: style['hasLines'] === true,
      endsWithNewline: style['endsWithNewline'] === true,
    },
    imageOrder: recordOrder(file['imageOrder']),
    annotationOrder: recordOrder(file['annotationOrder']),
    imageFields: strings(file['imageFields']),
    annotationFields: strings(file['annotationFields']),
    categoryFields: strings(file['categoryFields']),
    categories: Array.isArray(categories) ? categories.flatMap(categoryPair) : [],
    hasAllImages: file['hasAllImages'] === true,
  }
}

function categoryPair(pair: Json): readonly (readonly [string, CocoId])[] {
  const [key, id]: readonly (Json | undefined)[] = Array.isArray(pair) ? pair : []
  return typeof key === 'string' && isId(id) ? [[key, id]] : []
}

function recordOrder(order: Json | undefined): RecordOrder {
  if (Array.isArray(order)) return order.filter(isId)
  return order === 'item' ? 'item' : 'id'
}

function strings(list: Json | undefined): readonly string[] {
  return Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : []
}

/** Returns whether `value` may be an id. */
export function isId(value: Json | undefined): value is CocoId {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}

const TASKS: ReadonlySet<unknown> = new Set(COCO_TASKS)

function isTask(value: unknown): value is CocoTask {
  return TASKS.has(value)
}
