import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { type SubsetRoot, subsetRootsFromJson, subsetRootsToJson } from '../shared/subset-roots.ts'
import type { RowStyle } from './text-row.ts'

/** How a dataset is laid out. */
export interface LocalizationLayout {
  readonly roots: readonly SubsetRoot[]
  /** Undefined where there are no texts. */
  readonly style: RowStyle | undefined
}

/** Returns a layout as JSON. */
export function layoutToJson({ roots, style }: LocalizationLayout): Json {
  const json = subsetRootsToJson(roots)
  if (style === undefined || !isObject(json)) return json
  const { isQuoted, separator = ' ' } = style
  return { ...json, style: { isQuoted, separator } }
}

/** Returns what {@link layoutToJson} was given; an empty one when `json` is something else. */
export function layoutFromJson(json: Json): LocalizationLayout {
  const style = isObject(json) && isObject(json['style']) ? json['style'] : undefined
  const known = [' ', ',', ', '] as const
  return {
    roots: subsetRootsFromJson(json),
    style: style && {
      isQuoted: style['isQuoted'] === true,
      separator: known.find((each) => each === style['separator']),
    },
  }
}
