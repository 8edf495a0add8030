import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'

/** How a dataset was laid out. */
export interface KittiLayout {
  readonly root: string
  readonly hasSubsets: boolean
  /** Whether there are masks, whose classes are those of Cityscapes unless a file names others. */
  readonly hasMasks: boolean
  /** The file that names the classes of masks. */
  readonly labels: string | undefined
}

/** Returns a layout as JSON. */
export function layoutToJson({ root, hasSubsets, hasMasks, labels }: KittiLayout): Json {
  return { version: 1, root, hasSubsets, hasMasks, ...(labels !== undefined && { labels }) }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): KittiLayout | undefined {
  if (!isObject(json) || json['version'] !== 1) return undefined
  const { root, labels } = json
  return {
    root: typeof root === 'string' ? root : '',
    hasSubsets: json['hasSubsets'] === true,
    hasMasks: json['hasMasks'] === true,
    labels: typeof labels === 'string' ? labels : undefined,
  }
}
