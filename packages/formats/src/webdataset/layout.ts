import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'

/** How the shards of a subset are called: what stands before their number, and its digits. */
export interface ShardName {
  readonly subset: string
  readonly prefix: string
  readonly digits: number
}

/** How a dataset was laid out. */
export interface WebdatasetLayout {
  readonly names: readonly ShardName[]
  readonly classNames: string | undefined
}

/** Returns how a shard is called; undefined when its name ends in no number. */
export function shardName(path: string, subset: string): ShardName | undefined {
  const match = /^(.*?)(\d+)\.tar$/u.exec(path)
  const [, prefix = '', number = ''] = match ?? []
  return match === null ? undefined : { subset, prefix, digits: number.length }
}

/** Returns a layout as JSON. */
export function layoutToJson({ names, classNames }: WebdatasetLayout): Json {
  return {
    version: 1,
    names: names.map(({ subset, prefix, digits }) => ({ subset, prefix, digits })),
    ...(classNames !== undefined && { classNames }),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): WebdatasetLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['names'])) return undefined
  const { classNames } = json
  return {
    classNames: typeof classNames === 'string' ? classNames : undefined,
    names: json['names'].flatMap((each) => {
      if (!isObject(each)) return []
      const { subset, prefix, digits } = each
      if (typeof subset !== 'string' || typeof prefix !== 'string') return []
      return typeof digits === 'number' && digits > 0 && digits < 20
        ? [{ subset, prefix, digits }]
        : []
    }),
  }
}
