import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import type { OpenImagesKind } from './find-files.ts'

/** One CSV file as it was laid out. */
export interface TableLayout {
  readonly kind: OpenImagesKind
  readonly path: string
  readonly subset: string | undefined
  readonly columns: readonly string[]
}

/** How a dataset was laid out. */
export interface OpenImagesLayout {
  readonly root: string
  readonly descriptions: string | undefined
  /** Whether the descriptions begin with the names of their columns, as from v6 on. */
  readonly hasHeader: boolean
  readonly hierarchy: string | undefined
  readonly sizes: string | undefined
  readonly tables: readonly TableLayout[]
}

/** Returns a layout as JSON. */
export function layoutToJson(layout: OpenImagesLayout): Json {
  const { root, descriptions, hasHeader, hierarchy, sizes, tables } = layout
  return {
    version: 1,
    root,
    hasHeader,
    ...(descriptions !== undefined && { descriptions }),
    ...(hierarchy !== undefined && { hierarchy }),
    ...(sizes !== undefined && { sizes }),
    tables: tables.map(({ kind, path, subset, columns }) => ({
      kind,
      path,
      columns,
      ...(subset !== undefined && { subset }),
    })),
  }
}

/** Returns what {@link layoutToJson} was given; undefined when `json` is something else. */
export function layoutFromJson(json: Json): OpenImagesLayout | undefined {
  if (!isObject(json) || json['version'] !== 1 || !isArray(json['tables'])) return undefined
  return {
    root: textOf(json['root']) ?? '',
    hasHeader: json['hasHeader'] === true,
    descriptions: textOf(json['descriptions']),
    hierarchy: textOf(json['hierarchy']),
    sizes: textOf(json['sizes']),
    tables: json['tables'].flatMap(tableFrom),
  }
}

function tableFrom(json: Json): readonly TableLayout[] {
  if (!isObject(json)) return []
  const { kind, path, subset, columns } = json
  const known = KINDS.find((each) => each === kind)
  if (known === undefined || typeof path !== 'string' || !isArray(columns)) return []
  const names = columns.flatMap((name) => (typeof name === 'string' ? [name] : []))
  return [{ kind: known, path, subset: textOf(subset), columns: names }]
}

function textOf(json: Json | undefined): string | undefined {
  return typeof json === 'string' ? json : undefined
}

const KINDS: readonly OpenImagesKind[] = [
  'images',
  'boxes',
  'human-labels',
  'machine-labels',
  'masks',
]
