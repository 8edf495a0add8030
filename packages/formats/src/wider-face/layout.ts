import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { WiderFaceFiles } from './find-files.ts'

/** Returns how a dataset is laid out as JSON. */
export function layoutToJson({ root, lists, names }: WiderFaceFiles): Json {
  return {
    version: 1,
    root,
    lists: lists.map(({ subset, path }) => ({ subset, path })),
    ...(names !== undefined && { names }),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): WiderFaceFiles | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['lists'])) return undefined
  const { root, names, lists } = json
  return {
    root: typeof root === 'string' ? root : '',
    names: typeof names === 'string' ? names : undefined,
    lists: lists.flatMap((each) => {
      if (!isObject(each)) return []
      const { subset, path } = each
      return typeof subset === 'string' && typeof path === 'string' ? [{ subset, path }] : []
    }),
  }
}
