import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { DotaFolders } from './find-files.ts'

/** Returns how the subsets are laid out as JSON. */
export function layoutToJson(folders: readonly DotaFolders[]): Json {
  return {
    version: 1,
    folders: folders.map(({ subset, root, labels }) => ({ subset, root, labels })),
  }
}

/** Returns what {@link layoutToJson} was given; nothing when `json` is something else. */
export function layoutFromJson(json: Json): readonly DotaFolders[] {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['folders'])) return []
  return json['folders'].flatMap((each): readonly DotaFolders[] => {
    if (!isObject(each)) return []
    const { subset, root, labels } = each
    const isFolders = [subset, root, labels].every((name) => typeof name === 'string')
    if (!isFolders || typeof subset !== 'string') return []
    if (typeof root !== 'string' || typeof labels !== 'string') return []
    return [{ subset, root, labels }]
  })
}
