import type { Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { YOLO_VARIANTS, type YoloVariant } from './format.ts'
import type { LineShape } from './label-line.ts'

/** Where the images of a subset are. */
export interface YoloSubset {
  readonly name: string
  /** What the configuration says, as written: one folder or list, or several. */
  readonly sources: Json
  /** The folders those name, relative to the root of the dataset. */
  readonly folders: readonly string[]
  /** The `.txt` files those name, each with one image path a line. */
  readonly lists: readonly string[]
}

/** What the adapter remembers of a folder, so that a later write keeps it. */
export interface YoloLayout {
  readonly variant: YoloVariant
  /** The configuration: `data.yaml`, `obj.data`; empty when there is none. */
  readonly file: string
  /** How names are written: as a list or map in YAML, or in a file of their own. */
  readonly names: 'list' | 'map' | 'file'
  /** The file of names, when there is one. */
  readonly namesFile?: string
  /** The keys of the configuration in their order. */
  readonly keys: readonly string[]
  readonly subsets: readonly YoloSubset[]
  readonly shape: LineShape
  /** Digits after the point, where the source writes all numbers with the same count. */
  readonly decimals?: number
  /** Whether images without annotations have an empty label file. */
  readonly hasEmptyLabels: boolean
  /** Whether label files are beside images even where the path has a folder `images`. */
  readonly isBeside: boolean
  /** Whether images outside of the folders of their subset stay where a list named them. */
  readonly keepsPaths: boolean
  /** The classes that the configuration lists, as `index name`: what a change of it is known by. */
  readonly classes: readonly string[]
}

/** The layout that says nothing yet. */
export const EMPTY_LAYOUT: YoloLayout = {
  variant: 'ultralytics-detect',
  file: '',
  names: 'file',
  keys: [],
  subsets: [],
  shape: { task: 'detect', isTracked: false },
  hasEmptyLabels: false,
  isBeside: false,
  keepsPaths: false,
  classes: [],
}

/** Returns the layout as JSON. */
export function layoutToJson(layout: YoloLayout): Json {
  const { shape, subsets, keys, ...rest } = layout
  const { keypoints, ...shapeRest } = shape
  return {
    ...rest,
    keys,
    shape: { ...shapeRest, ...(keypoints && { keypoints: { ...keypoints } }) },
    subsets: subsets.map((subset) => ({ ...subset })),
  }
}

/** Returns the layout that {@link layoutToJson} wrote, or undefined when it is none. */
export function layoutFromJson(json: Json): YoloLayout | undefined {
  if (!isObject(json)) return undefined
  const { file, names, namesFile, decimals, hasEmptyLabels, keys } = json
  const variant = YOLO_VARIANTS.find((name) => name === json['variant'])
  const shape = shapeFromJson(json['shape'])
  if (variant === undefined || shape === undefined || typeof file !== 'string') return undefined
  if (names !== 'list' && names !== 'map' && names !== 'file') return undefined
  return {
    variant,
    file,
    names,
    ...(typeof namesFile === 'string' && { namesFile }),
    keys: textsFromJson(keys),
    subsets: isArray(json['subsets']) ? json['subsets'].flatMap(subsetFromJson) : [],
    shape,
    ...(typeof decimals === 'number' && { decimals }),
    hasEmptyLabels: hasEmptyLabels === true,
    isBeside: json['isBeside'] === true,
    keepsPaths: json['keepsPaths'] === true,
    classes: textsFromJson(json['classes']),
  }
}

function shapeFromJson(json: Json | undefined): LineShape | undefined {
  if (!isObject(json)) return undefined
  const { task, isTracked, keypoints } = json
  if (task !== 'detect' && task !== 'segment' && task !== 'pose' && task !== 'obb') return undefined
  const points = keypointsFromJson(keypoints)
  return { task, isTracked: isTracked === true, ...(points && { keypoints: points }) }
}

function keypointsFromJson(json: Json | undefined): LineShape['keypoints'] {
  if (!isObject(json)) return undefined
  const { count, dimensions } = json
  return typeof count === 'number' && typeof dimensions === 'number'
    ? { count, dimensions }
    : undefined
}

function subsetFromJson(json: Json): readonly YoloSubset[] {
  if (!isObject(json) || typeof json['name'] !== 'string') return []
  const { name, sources, folders, lists } = json
  return [
    {
      name,
      sources: sources ?? null,
      folders: textsFromJson(folders),
      lists: textsFromJson(lists),
    },
  ]
}

function textsFromJson(json: Json | undefined): readonly string[] {
  return isArray(json) ? json.filter((text) => typeof text === 'string') : []
}
