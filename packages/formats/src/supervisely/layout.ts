import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { type SubsetRoot, subsetRootsFromJson, subsetRootsToJson } from '../shared/subset-roots.ts'

/** How a project is laid out. */
export interface SuperviselyLayout {
  readonly meta: string | undefined
  readonly roots: readonly SubsetRoot[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ meta, roots }: SuperviselyLayout): Json {
  const json = subsetRootsToJson(roots)
  return meta !== undefined && isObject(json) ? { ...json, meta } : json
}

/** Returns what {@link layoutToJson} was given; an empty one when `json` is something else. */
export function layoutFromJson(json: Json): SuperviselyLayout {
  const meta = isObject(json) ? json['meta'] : undefined
  return { roots: subsetRootsFromJson(json), meta: typeof meta === 'string' ? meta : undefined }
}

/** Returns the path of the numbers of keys, beside `meta.json`. */
export function keysOf(meta: string): string {
  return `${meta.slice(0, meta.lastIndexOf('/') + 1)}key_id_map.json`
}
