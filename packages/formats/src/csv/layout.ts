import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'

/** One table as it was laid out. */
export interface TableLayout {
  readonly path: string
  readonly subset: string | undefined
  readonly delimiter: string
  readonly columns: readonly string[]
}

/** How a dataset was laid out. */
export interface CsvLayout {
  /** What the columns mean, where the user said it. */
  readonly map: string | undefined
  readonly classes: string | undefined
  readonly tables: readonly TableLayout[]
}

/** Returns a layout as JSON. */
export function layoutToJson({ map, classes, tables }: CsvLayout): Json {
  return {
    version: 1,
    ...(map !== undefined && { map }),
    ...(classes !== undefined && { classes }),
    tables: tables.map(({ path, subset, delimiter, columns }) => ({
      path,
      delimiter,
      columns,
      ...(subset !== undefined && { subset }),
    })),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json | undefined): CsvLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['tables'])) return undefined
  return {
    map: textOf(json['map']),
    classes: textOf(json['classes']),
    tables: json['tables'].flatMap((each) => {
      if (!isObject(each) || !isArray(each['columns'])) return []
      const [path, delimiter] = [textOf(each['path']), textOf(each['delimiter'])]
      const columns = each['columns'].flatMap((name) => textOf(name) ?? [])
      if (path === undefined || delimiter === undefined) return []
      return [{ path, delimiter, columns, subset: textOf(each['subset']) }]
    }),
  }
}

function textOf(json: Json | undefined): string | undefined {
  return typeof json === 'string' ? json : undefined
}
