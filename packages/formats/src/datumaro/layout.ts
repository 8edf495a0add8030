import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { DatumaroFile } from '../shared/read-datumaro-item.ts'

/** Returns the files of a dataset as JSON. */
export function layoutToJson(files: readonly DatumaroFile[]): Json {
  return { version: 1, files: files.map((file) => ({ ...file })) }
}

/** Returns what {@link layoutToJson} was given; empty when `json` is something else. */
export function layoutFromJson(json: Json): readonly DatumaroFile[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['files'])) return []
  return json['files'].flatMap((file): DatumaroFile[] => {
    if (!isObject(file)) return []
    const { path, subset, root } = file
    return typeof path === 'string' && typeof subset === 'string' && typeof root === 'string'
      ? [{ path, subset, root }]
      : []
  })
}
