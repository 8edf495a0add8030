import type { Json } from '@dsv/core'
import { createHash } from 'node:crypto'
import { isObject, type JsonObject } from '../shared/json-reader.ts'

/** What `key_id_map.json` gives numbers to. */
export type KeyKind = 'tags' | 'objects' | 'figures' | 'videos'

/** Numbers by key, for each kind. */
export type KeyIds = Readonly<Record<KeyKind, ReadonlyMap<string, number>>>

/** Reads the numbers of keys; those that are none are left out. */
export function keyIdsFrom(json: Json | undefined): KeyIds {
  const of = (kind: KeyKind): ReadonlyMap<string, number> => {
    const own = isObject(json) ? json[kind] : undefined
    const numbers = Object.entries(isObject(own) ? own : {}).flatMap(([key, id]) =>
      typeof id === 'number' ? [[key, id] as const] : [],
    )
    return new Map(numbers)
  }
  return { tags: of('tags'), objects: of('objects'), figures: of('figures'), videos: of('videos') }
}

/** Returns the numbers of keys as JSON. */
export function keyIdsJson(ids: KeyIds): JsonObject {
  return {
    tags: Object.fromEntries(ids.tags),
    objects: Object.fromEntries(ids.objects),
    figures: Object.fromEntries(ids.figures),
    videos: Object.fromEntries(ids.videos),
  }
}

/** Returns a key for what has none: always the same for the same text. */
export function keyFor(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ]
  return [...parts, hex.slice(20, 32)].join('-')
}
