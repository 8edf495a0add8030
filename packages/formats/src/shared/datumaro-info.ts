import type { Json } from '@dsv/core'
import type { JsonObject } from './json-reader.ts'

/** Returns what a file says of the dataset as a whole; labels and colours are categories. */
export function datumaroInfo({ categories, ...members }: JsonObject): Json {
  const label = memberOf(categories, 'label')
  const groups = memberOf(label, 'label_groups')
  const attributes = memberOf(label, 'attributes')
  return {
    ...members,
    ...(groups === undefined ? {} : { label_groups: groups }),
    ...(attributes === undefined ? {} : { attributes }),
  }
}

function memberOf(json: Json | undefined, name: string): Json | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  return new Map(Object.entries(json)).get(name)
}
