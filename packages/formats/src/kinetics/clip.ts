import { formatSyntax, type Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { parseNumber } from '../shared/parse-number.ts'

/** One clip of a video, as a list says it. */
export interface Clip {
  readonly video: string
  readonly label: string | undefined
  /** In seconds from the start of the video. */
  readonly start: number | undefined
  readonly end: number | undefined
  readonly subset: string | undefined
  /** What else is said. */
  readonly rest: Readonly<Record<string, Json>>
}

const COLUMNS: ReadonlySet<string> = new Set([
  'youtube_id',
  'label',
  'time_start',
  'time_end',
  'split',
])

/** Returns the clip in a row of a table. @throws `DSV_FORMAT_SYNTAX` */
export function clipOfRow(
  row: readonly string[],
  columns: readonly string[],
  place: { readonly file: string; readonly row: number },
): Clip {
  const fields = new Map(columns.map((name, at) => [name, row[at]?.trim() ?? '']))
  const seconds = (name: string): number | undefined => {
    const text = fields.get(name) ?? ''
    const number = parseNumber(text)
    if (text === '' || number !== undefined) return number
    throw formatSyntax(place.file, `row ${place.row}: ${name} should be a number: ${text}`)
  }
  const video = fields.get('youtube_id') ?? ''
  if (video === '') throw formatSyntax(place.file, `row ${place.row} has no youtube_id`)
  const rest = [...fields].filter(([name, text]) => !COLUMNS.has(name) && text !== '')
  return {
    video,
    label: fields.get('label') || undefined,
    start: seconds('time_start'),
    end: seconds('time_end'),
    subset: fields.get('split') || undefined,
    rest: Object.fromEntries(rest),
  }
}

/** Returns the clip of a member of a JSON list. @throws `DSV_FORMAT_SYNTAX` */
export function clipOfMember(video: string, value: Json, file: string): Clip {
  if (video === '' || !isObject(value)) throw formatSyntax(file, `${video} should be an object`)
  const { annotations, subset, ...rest } = value
  const { label, segment } = isObject(annotations) ? annotations : {}
  const [start, end] = isArray(segment) ? segment : []
  if (label !== undefined && typeof label !== 'string') {
    throw formatSyntax(file, `${video}.annotations.label should be text`)
  }
  if (segment !== undefined && (typeof start !== 'number' || typeof end !== 'number')) {
    throw formatSyntax(file, `${video}.annotations.segment should be two numbers`)
  }
  return {
    video,
    label,
    start: typeof start === 'number' ? start : undefined,
    end: typeof end === 'number' ? end : undefined,
    subset: typeof subset === 'string' && subset !== '' ? subset : undefined,
    rest,
  }
}
