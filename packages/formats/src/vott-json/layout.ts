import type { Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import type { SubsetFile } from '../shared/subset-files.ts'

/** One export of VoTT. */
export interface VottFile extends SubsetFile {
  /** What it says beside assets and tags: the name of the project, its settings. */
  readonly members: JsonObject
}

/** Returns the layout of exports as JSON. */
export function layoutToJson(files: readonly VottFile[]): Json {
  return {
    version: 1,
    files: files.map(({ path, subset, members }) => ({ path, subset, members })),
  }
}

/** Returns what {@link layoutToJson} was given; nothing when `json` is something else. */
export function layoutFromJson(json: Json): readonly VottFile[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['files'])) return []
  return json['files'].flatMap((file): readonly VottFile[] => {
    if (!isObject(file)) return []
    const { path, subset, members } = file
    if (typeof path !== 'string' || typeof subset !== 'string') return []
    return [{ path, subset, members: isObject(members) ? members : {} }]
  })
}
