import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { CvatVariant } from './format.ts'

/** One XML file of a dataset. */
export interface CvatFileLayout {
  readonly path: string
  readonly variant: CvatVariant
  /** The subset of images for which the file names none. */
  readonly subset: string
}

/** How a CVAT dataset was laid out. */
export interface CvatLayout {
  readonly version: 1
  readonly files: readonly CvatFileLayout[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ version, files }: CvatLayout): Json {
  return { version, files: files.map((file) => ({ ...file })) }
}

/** Returns what {@link layoutToJson} was given, or undefined when `json` is something else. */
export function layoutFromJson(json: Json): CvatLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['files'])) return undefined
  const files = json['files'].flatMap((file): CvatFileLayout[] => {
    if (!isObject(file)) return []
    const { path, variant, subset } = file
    if (typeof path !== 'string' || typeof subset !== 'string') return []
    return [{ path, variant: variant === 'video' ? 'video' : 'images', subset }]
  })
  return files.length === 0 ? undefined : { version: 1, files }
}
