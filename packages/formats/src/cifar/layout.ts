import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'

/** How a dataset was laid out. */
export interface CifarLayout {
  /** The folder of the files, with a slash at its end; empty for the root. */
  readonly root: string
  /** CIFAR-100 has coarse labels too. */
  readonly isFine: boolean
  /** Names of coarse labels, in their order. */
  readonly coarseNames: readonly string[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ root, isFine, coarseNames }: CifarLayout): Json {
  return { root, isFine, coarseNames }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): CifarLayout | undefined {
  if (!isObject(json)) return undefined
  const { root, isFine, coarseNames } = json
  return {
    root: typeof root === 'string' ? root : '',
    isFine: isFine === true,
    coarseNames: isArray(coarseNames)
      ? coarseNames.flatMap((name) => (typeof name === 'string' ? [name] : []))
      : [],
  }
}
