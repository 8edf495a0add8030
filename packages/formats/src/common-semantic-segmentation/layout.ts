import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { Part, Prefixes } from './parts.ts'

/** A part as it was laid out. */
export interface PartLayout extends Part {
  readonly prefixes: Prefixes
}

/** Returns a layout as JSON. */
export function layoutToJson(parts: readonly PartLayout[]): Json {
  return {
    version: 1,
    parts: parts.map(({ root, subset, prefixes: { images, masks } }) => ({
      root,
      subset,
      images,
      masks,
    })),
  }
}

/** Returns what {@link layoutToJson} was given; empty when `json` is something else. */
export function layoutFromJson(json: Json): readonly PartLayout[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['parts'])) return []
  return json['parts'].flatMap((part) => {
    if (!isObject(part)) return []
    const { root, subset, images, masks } = part
    if (typeof root !== 'string' || typeof subset !== 'string') return []
    if (typeof images !== 'string' || typeof masks !== 'string') return []
    return [{ root, subset, prefixes: { images, masks } }]
  })
}
