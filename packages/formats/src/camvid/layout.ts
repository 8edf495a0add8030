import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'

/** How a dataset was laid out. */
export interface CamvidLayout {
  /** The folder of the lists: empty or ending in `/`. */
  readonly root: string
  /** The file that names the classes; undefined where they are those of CamVid. */
  readonly labels: string | undefined
}

/** Returns a layout as JSON. */
export function layoutToJson({ root, labels }: CamvidLayout): Json {
  return { version: 1, root, ...(labels !== undefined && { labels }) }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): CamvidLayout | undefined {
  if (!isObject(json) || json['version'] !== 1) return undefined
  const { root, labels } = json
  return {
    root: typeof root === 'string' ? root : '',
    labels: typeof labels === 'string' ? labels : undefined,
  }
}
