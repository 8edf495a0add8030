import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { TableKind } from './find-files.ts'

/** One table as it was laid out. */
export interface HubTable {
  readonly path: string
  readonly subset: string
  readonly kind: TableKind
}

/** How a dataset was laid out. */
export interface HubLayout {
  readonly variant: 'imagefolder' | 'parquet'
  readonly tables: readonly HubTable[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ variant, tables }: HubLayout): Json {
  return {
    version: 1,
    variant,
    tables: tables.map(({ path, subset, kind }) => ({ path, subset, kind })),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): HubLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['tables'])) return undefined
  return {
    variant: json['variant'] === 'parquet' ? 'parquet' : 'imagefolder',
    tables: json['tables'].flatMap((each) => {
      if (!isObject(each)) return []
      const { path, subset, kind } = each
      if (typeof path !== 'string' || typeof subset !== 'string') return []
      return kind === 'jsonl' || kind === 'csv' || kind === 'parquet'
        ? [{ path, subset, kind }]
        : []
    }),
  }
}
