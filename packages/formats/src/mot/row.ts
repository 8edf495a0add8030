import {
  type Annotation,
  type AnnotationDraft,
  type CategoryKey,
  formatSyntax,
  type WriteContext,
} from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'

/** The columns of the files of 2016 and later. */
export const COLUMNS: readonly string[] = [
  'frame',
  'id',
  'bb_left',
  'bb_top',
  'bb_width',
  'bb_height',
  'conf',
  'class',
  'visibility',
]
/** From 2015 on with the world coordinates x, y, z instead of class and visibility. */
export const WORLD_COLUMNS = 10

/** Where a row stands. */
export interface RowPlace {
  readonly file: string
  readonly frame: number
}

/**
 * Reads one row; coordinates are kept as they are.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function readRow(
  row: readonly string[],
  place: RowPlace,
  categories: readonly CategoryKey[],
): AnnotationDraft {
  const field = (at: number): number | undefined => {
    const text = row[at]?.trim() ?? ''
    if (text === '') return undefined
    const value = Number(text)
    if (Number.isFinite(value) && /^[-+.\d]/u.test(text)) return value
    throw problem(place, `${COLUMNS[at] ?? at} should be a number: ${text}`)
  }
  const needed = (at: number): number => {
    const value = field(at)
    if (value === undefined) throw problem(place, `${COLUMNS[at]} is missing`)
    return value
  }
  const [track, x, y] = [needed(1), needed(2), needed(3)]
  const [width, height] = [needed(4), needed(5)]
  const conf = field(6) ?? 1
  const isWorld = row.length >= WORLD_COLUMNS
  const category = isWorld ? undefined : categoryOf(field(7), place, categories)
  const visibility = isWorld ? undefined : field(8)
  const isSeen = visibility !== undefined && visibility >= 0
  const world = isWorld ? row.slice(7).map((text) => text.trim()) : []
  return {
    type: 'box',
    x,
    y,
    width,
    height,
    ...(category !== undefined && { category }),
    ...(track >= 0 && { track }),
    ...(isScore(conf) && { score: conf }),
    ...(isSeen && { occluded: visibility === 0 }),
    attributes: { ignored: conf === 0, ...(isSeen && { visibility }) },
    ...(world.some((text) => text !== '-1') && { extra: { mot: { world } } }),
  }
}

/** 1 says that a box counts, 0 that it does not, −1 nothing; all else is a score. */
function isScore(conf: number): boolean {
  return conf !== 0 && conf !== 1 && conf !== -1
}

function categoryOf(
  classId: number | undefined,
  place: RowPlace,
  categories: readonly CategoryKey[],
): CategoryKey | undefined {
  if (classId === undefined || classId < 0) return undefined
  const category = categories[classId - 1]
  if (category !== undefined) return category
  throw problem(place, `class ${classId} is not among the ${categories.length} names`)
}

function problem({ file, frame }: RowPlace, text: string): Error {
  return formatSyntax(file, `in a row of frame ${frame}, ${text}`)
}

/** What the rows of a sequence can say. */
export interface RowWriter {
  /** 7 to 10. */
  readonly columns: number
  /** Numbers of classes, from 1. */
  readonly classIds: ReadonlyMap<CategoryKey, number>
  readonly trackIds: TrackIds
}

/** Numbers for tracks: their own where they have one. */
export interface TrackIds {
  readonly numberOf: (track: number | string) => number
}

const FIELDS = ['category', 'track'] as const

/** Returns the row of an annotation; reports what it cannot say, or undefined when that is all. */
export function writeRow(
  annotation: Annotation,
  frame: number,
  { columns, classIds, trackIds }: RowWriter,
  { where, onLoss }: { readonly where: string; readonly onLoss: WriteContext['onLoss'] },
): string | undefined {
  if (annotation.type !== 'box') {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return undefined
  }
  const { x, y, width, height, track, score, occluded, attributes = {}, extra } = annotation
  const ignored = attributes['ignored'] === true
  const visibility = visibilityOf(annotation)
  const number = track === undefined ? -1 : trackIds.numberOf(track)
  const holds: Holdings = {
    format: 'mot',
    fields: new Set([
      ...FIELDS,
      ...(score !== undefined && isScore(score) && !ignored ? (['score'] as const) : []),
      ...(occluded === (visibility === 0) ? (['occluded'] as const) : []),
    ]),
    attribute: (name, value) =>
      (name === 'ignored' && typeof value === 'boolean') ||
      (name === 'visibility' && value === visibility && columns === 9),
  }
  reportAnnotationLosses(annotation, holds, where, onLoss)
  if (track !== undefined && number !== track) onLoss({ what: 'field: track', where })
  const own = extra?.['mot']
  const world = isObject(own) && isArray(own['world']) ? own['world'] : []
  if (own !== undefined && columns < WORLD_COLUMNS) onLoss({ what: 'extra: mot', where })
  const conf = ignored ? 0 : score !== undefined && isScore(score) ? score : 1
  const classId = classIds.get(annotation.category ?? '') ?? -1
  const head = [frame, number, x, y, width, height, conf].map(String)
  if (columns < WORLD_COLUMNS) {
    return `${[...head, String(classId), String(visibility)].slice(0, columns).join(',')}\n`
  }
  const rest = Array.from({ length: 3 }, (_, at) => plainNumber(world[at]))
  return `${[...head, ...rest].join(',')}\n`
}

/** Returns the visible part of a box, 0…1; what nothing is known of is seen. */
export function visibilityOf({ attributes, occluded }: Annotation): number {
  const visibility = attributes?.['visibility']
  if (typeof visibility === 'number' && visibility >= 0) return visibility
  return occluded === true ? 0 : 1
}

function plainNumber(value: unknown): string {
  return typeof value === 'string' && /^[-+.\deE]+$/u.test(value) ? value : '-1'
}
