import { formatSyntax, type Json } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { LABEL_MAP } from './label-map.ts'
import { DEVKIT_STYLE, styleFromJson, type XmlStyle } from './xml-style.ts'

/** How a dataset is laid out in its folder. Folders are relative and end with `/`, or are empty. */
export interface VocLayout {
  /** `devkit`: a folder for each kind of file; `flat`: XML beside the images, a folder per subset. */
  readonly kind: 'devkit' | 'flat'
  /** Where the dataset begins: empty, or like `VOCdevkit/VOC2012/`. */
  readonly root: string
  readonly annotations: string
  readonly images: string
  /** Whether `labelmap.txt` is there. */
  readonly hasLabelMap: boolean
  /** Names of the categories that were found without a label map. */
  readonly categories: readonly string[]
  /** Image sets as `Main/train`, in the order they are written. */
  readonly sets: readonly string[]
  /** Lists for one class or action, as `Main/aeroplane_train`. */
  readonly classSets: readonly string[]
  readonly style: XmlStyle
}

/** The layout of the development kit, without any files yet. */
export const DEVKIT_LAYOUT: VocLayout = {
  kind: 'devkit',
  root: '',
  annotations: 'Annotations/',
  images: 'JPEGImages/',
  hasLabelMap: true,
  categories: [],
  sets: [],
  classSets: [],
  style: DEVKIT_STYLE,
}

/** XML files beside the images. */
export const FLAT_LAYOUT: VocLayout = {
  ...DEVKIT_LAYOUT,
  kind: 'flat',
  annotations: '',
  images: '',
}

/** The folder of class masks, and of object masks, below the root. */
export const MASK_FOLDERS = { class: 'SegmentationClass/', object: 'SegmentationObject/' } as const

/** Names of folders that are subsets when XML files lie in them without image sets. */
export const SPLIT_NAMES: ReadonlySet<string> = new Set(
  'train training trainval val valid validation minival test testing dev eval default'.split(' '),
)

const DEVKIT_FOLDERS = /(?:^|\/)(annotations|imagesets|jpegimages|segmentation(?:class|object))\//iu

/**
 * Finds out how `paths` are laid out; undefined when nothing looks like Pascal VOC.
 *
 * @throws `DSV_FORMAT_SYNTAX` when there are several development kits below each other
 */
export function findLayout(paths: readonly string[]): VocLayout | undefined {
  const roots = rootsOf(paths)
  const subsetRoots = [...roots].filter((root) => SPLIT_NAMES.has(root.slice(0, -1)))
  if (roots.size === 0 || subsetRoots.length === roots.size) {
    const hasXml = paths.some((path) => /\.xml$/iu.test(path))
    return hasXml ? { ...FLAT_LAYOUT, hasLabelMap: paths.includes(LABEL_MAP) } : undefined
  }
  const [root = '', second] = [...roots]
  if (second !== undefined) {
    const found = [...roots].map((each) => (each === '' ? 'this folder' : each)).join(', ')
    throw formatSyntax(root === '' ? second : root, `is one of several datasets (${found})`)
  }
  const below = paths.filter((path) => path.startsWith(root)).map((path) => path.slice(root.length))
  return {
    ...DEVKIT_LAYOUT,
    root,
    annotations: folderLike(below, /^annotations\//iu) ?? DEVKIT_LAYOUT.annotations,
    images:
      folderLike(below, /^jpegimages\//iu) ??
      folderLike(below, /^images\//iu) ??
      DEVKIT_LAYOUT.images,
    hasLabelMap: below.includes(LABEL_MAP),
  }
}

/** Returns a layout that was remembered, or undefined when `json` is none. */
export function layoutFromJson(json: Json): VocLayout | undefined {
  if (!isObject(json) || (json['kind'] !== 'devkit' && json['kind'] !== 'flat')) return undefined
  const usual = json['kind'] === 'flat' ? FLAT_LAYOUT : DEVKIT_LAYOUT
  return {
    kind: json['kind'],
    root: textOr(json['root'], ''),
    annotations: textOr(json['annotations'], usual.annotations),
    images: textOr(json['images'], usual.images),
    hasLabelMap: json['hasLabelMap'] !== false,
    categories: texts(json['categories']),
    sets: texts(json['sets']),
    classSets: texts(json['classSets']),
    style: styleFromJson(json['style']),
  }
}

/** Returns a layout as JSON. */
export function layoutToJson({ style, ...rest }: VocLayout): Json {
  return { ...rest, style: { ...style, order: { ...style.order } } }
}

function rootsOf(paths: readonly string[]): ReadonlySet<string> {
  const roots = new Set<string>()
  for (const path of paths) {
    const match = DEVKIT_FOLDERS.exec(path)
    if (match === null) continue
    const isAnnotation = match[1]?.toLowerCase() === 'annotations'
    if (isAnnotation && !/\.xml$/iu.test(path)) continue
    roots.add(path.slice(0, match.index === 0 && path[0] !== '/' ? 0 : match.index + 1))
  }
  return roots
}

function folderLike(paths: readonly string[], pattern: RegExp): string | undefined {
  return paths.map((path) => pattern.exec(path)?.[0]).find((found) => found !== undefined)
}

function textOr(value: Json | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback
}

function texts(json: Json | undefined): readonly string[] {
  return isArray(json) ? json.filter((each) => typeof each === 'string') : []
}
