import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'

/** One table as it was laid out. */
export interface TabularTable {
  readonly path: string
  readonly subset: string
  readonly columns: readonly string[]
}

/** How a dataset was laid out. */
export interface TabularLayout {
  /** The columns that are annotations; undefined for all. */
  readonly outputs: readonly string[] | undefined
  readonly tables: readonly TabularTable[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ outputs, tables }: TabularLayout): Json {
  return {
    version: 1,
    ...(outputs !== undefined && { outputs }),
    tables: tables.map(({ path, subset, columns }) => ({ path, subset, columns })),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json | undefined): TabularLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['tables'])) return undefined
  const { outputs } = json
  return {
    outputs: isArray(outputs) ? textsOf(outputs) : undefined,
    tables: json['tables'].flatMap((each) => {
      if (!isObject(each) || !isArray(each['columns'])) return []
      const { path, subset, columns } = each
      if (typeof path !== 'string' || typeof subset !== 'string') return []
      return [{ path, subset, columns: textsOf(columns) }]
    }),
  }
}

function textsOf(list: readonly Json[]): readonly string[] {
  return list.flatMap((each) => (typeof each === 'string' ? [each] : []))
}
