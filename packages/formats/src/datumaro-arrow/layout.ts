import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'

/** How the files of a dataset are called: `datum-0.arrow`. */
export interface ArrowLayout {
  /** What stands before the number. */
  readonly prefix: string
  readonly digits: number
}

/** As many digits as any dataset needs, so that names sort as numbers do. */
const USUAL: ArrowLayout = { prefix: 'datum-', digits: 5 }

/** Returns the layout of files that were found. */
export function layoutOf([first = '']: readonly string[]): Json {
  const match = /^(.*?)(\d+)\.arrow$/u.exec(first)
  if (match === null) return { ...USUAL }
  return { prefix: match[1] ?? '', digits: match[2]?.length ?? 1 }
}

/** Returns what {@link layoutOf} gave; the usual layout when `json` is something else. */
export function layoutFromJson(json: Json): ArrowLayout {
  if (!isObject(json)) return USUAL
  const { prefix, digits } = json
  return {
    prefix: typeof prefix === 'string' ? prefix : USUAL.prefix,
    digits: typeof digits === 'number' && digits > 0 && digits < 20 ? digits : USUAL.digits,
  }
}
