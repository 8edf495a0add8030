import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'

/** How a dataset was laid out. */
export interface ImagenetTxtLayout {
  /** The folder of the lists, with a slash at its end; empty for the root. */
  readonly root: string
}

/** Returns a layout as JSON. */
export function layoutToJson({ root }: ImagenetTxtLayout): Json {
  return { root }
}

/** Returns what {@link layoutToJson} was given; the usual layout when `json` is something else. */
export function layoutFromJson(json: Json): ImagenetTxtLayout {
  const root = isObject(json) ? json['root'] : undefined
  return { root: typeof root === 'string' ? root : '' }
}
