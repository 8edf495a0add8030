import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { TfFile } from './find-files.ts'

/** How a dataset was laid out. */
export interface TfLayout {
  readonly files: readonly TfFile[]
  /** Paths of the label maps; all say the same when they are written. */
  readonly labelMaps: readonly string[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ files, labelMaps }: TfLayout): Json {
  return { version: 1, files: files.map((file) => ({ ...file })), labelMaps }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): TfLayout | undefined {
  if (!isObject(json) || json['version'] !== 1) return undefined
  const { files, labelMaps } = json
  if (!isArray(files) || !isArray(labelMaps)) return undefined
  return {
    files: files.flatMap((file): TfFile[] => {
      if (!isObject(file)) return []
      const { path, subset } = file
      return typeof path === 'string' && typeof subset === 'string' ? [{ path, subset }] : []
    }),
    labelMaps: labelMaps.flatMap((path) => (typeof path === 'string' ? [path] : [])),
  }
}
