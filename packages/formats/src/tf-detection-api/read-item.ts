import {
  type AnnotationDraft,
  type Attributes,
  type BoxNumbers,
  formatSyntax,
  GROUND_TRUTH,
  type Json,
  type Mask,
  maskGeometry,
  bitmapToCounts,
  MAX_BITMAP_PIXELS,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { createHash } from 'node:crypto'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'
import { probeBytes } from '../media/probe-media.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'
import { type MediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { boxInPixels, decimalOf } from '../shared/normalised-box.ts'
import {
  byteStrings,
  type ExamplePlace,
  integers,
  numbers,
  problemAt,
  texts,
} from './example-values.ts'
import { featureToJson } from './feature-json.ts'
import type { TfFile } from './find-files.ts'
import type { TfClasses } from './read-classes.ts'
import type { TfExample } from './tf-example.ts'

/** What the items of one file are read with. */
export interface TfSource {
  readonly file: TfFile
  readonly classes: TfClasses
  readonly media: MediaFinder
}

/** Features that items and annotations have names for. */
const KNOWN: ReadonlySet<string> = new Set([
  'image/encoded',
  'image/format',
  'image/filename',
  'image/source_id',
  'image/width',
  'image/height',
  'image/key/sha256',
  'image/class/text',
  'image/class/label',
  'image/class/confidence',
  'image/object/bbox/xmin',
  'image/object/bbox/xmax',
  'image/object/bbox/ymin',
  'image/object/bbox/ymax',
  'image/object/class/text',
  'image/object/class/label',
  'image/object/area',
  'image/object/difficult',
  'image/object/group_of',
  'image/object/is_crowd',
  'image/object/truncated',
  'image/object/view',
  'image/object/mask',
])

/** Reads one example. @throws `DSV_FORMAT_SYNTAX` */
export async function readItem(
  example: TfExample,
  place: ExamplePlace,
  source: TfSource,
): Promise<SourceItem> {
  const [filename = ''] = texts(example, 'image/filename', place)
  const [sourceId = ''] = texts(example, 'image/source_id', place)
  const name = filename === '' ? sourceId : safeMediaName(filename)
  const id = filename === '' ? name || `${place.record}` : withoutExtension(name)
  const media = await readMedia(example, place, source, name)
  const [medium] = media
  const size = { width: medium?.width ?? 0, height: medium?.height ?? 0 }
  const objects = readObjects(example, place, source, size)
  const own = ownFields(example, place, objects.length, medium, { filename, id })
  return {
    subset: source.file.subset,
    id,
    media: media.map(({ stated: _stated, ...each }) => each),
    // The usual source id is the name of the file once more, and says nothing.
    ...(sourceId !== '' && sourceId !== filename && { attributes: { source_id: sourceId } }),
    ...(Object.keys(own).length > 0 && { extra: { 'tf-detection-api': own } }),
    layers: { [GROUND_TRUTH]: [...readLabels(example, place, source), ...objects] },
  }
}

/** A medium, and the size that the example states where it is another. */
type ReadMedium = SourceMedia & { readonly stated?: readonly [width: number, height: number] }

async function readMedia(
  example: TfExample,
  place: ExamplePlace,
  { file, media }: TfSource,
  name: string,
): Promise<readonly ReadMedium[]> {
  const [bytes = new Uint8Array()] = byteStrings(example, 'image/encoded', place)
  const [format = ''] = texts(example, 'image/format', place)
  const [width = 0] = integers(example, 'image/width', place)
  const [height = 0] = integers(example, 'image/height', place)
  const size = width > 0 && height > 0 ? { width, height } : {}
  const role = 'primary'
  if (bytes.length === 0) {
    if (name === '') return []
    return [{ role, path: media.find(name, [`${file.subset}/`]) ?? name, kind: 'image', ...size }]
  }
  const extension = extensionOf(name) === '' ? `.${extensionOfFormat(format)}` : ''
  const path = `${file.subset}/${name || place.record}${extension}`
  const info = await probeBytes(bytes, path)
  const isOther =
    width > 0 && info.width !== undefined && (info.width !== width || info.height !== height)
  return [
    {
      role,
      path,
      ...size,
      ...info,
      kind: 'image',
      content: async () => bytes,
      ...(isOther && { stated: [width, height] }),
    },
  ]
}

function extensionOfFormat(format: string): string {
  const plain = format.toLowerCase()
  return plain === 'jpeg' || !/^\w{1,8}$/u.test(plain) ? 'jpg' : plain
}

function readLabels(
  example: TfExample,
  place: ExamplePlace,
  { file, classes }: TfSource,
): readonly AnnotationDraft[] {
  const names = texts(example, 'image/class/text', place)
  const ids = integers(example, 'image/class/label', place)
  const scores = numbers(example, 'image/class/confidence', place)
  return Array.from({ length: Math.max(names.length, ids.length) }, (_, at) => {
    const where = `record ${place.record}`
    const category = classes.keyOf(file, names[at] ?? '', ids[at] ?? 0, where)
    const score = scores[at]
    return {
      type: 'label',
      ...(category !== undefined && { category }),
      ...(score !== undefined && { score: decimalOf(score, Math.fround) }),
    }
  })
}

interface Size {
  readonly width: number
  readonly height: number
}

function readObjects(
  example: TfExample,
  place: ExamplePlace,
  source: TfSource,
  size: Size,
): readonly AnnotationDraft[] {
  const boxes = readBoxes(example, place, size)
  const column = (feature: string, values: readonly unknown[]): void => {
    if (values.length > 0 && values.length !== boxes.length) {
      const found = `${values.length} values for ${boxes.length} boxes`
      throw problemAt(place, `has ${found} in image/object/${feature}`)
    }
  }
  const numbersOf = (feature: string): readonly number[] => {
    const values = numbers(example, `image/object/${feature}`, place)
    column(feature, values)
    return values
  }
  const textsOf = (feature: string): readonly string[] => {
    const values = texts(example, `image/object/${feature}`, place)
    column(feature, values)
    return values
  }
  const [names, ids] = [textsOf('class/text'), numbersOf('class/label')]
  const [areas, crowds, truncated] = [
    numbersOf('area'),
    numbersOf('is_crowd'),
    numbersOf('truncated'),
  ]
  const [difficult, groups, views] = [
    numbersOf('difficult'),
    numbersOf('group_of'),
    textsOf('view'),
  ]
  const masks = readMasks(example, place, boxes.length, size)
  const rest = restOfObjects(example, boxes.length)
  return boxes.map((box, at): AnnotationDraft => {
    const where = `record ${place.record}`
    const category = source.classes.keyOf(source.file, names[at] ?? '', ids[at] ?? 0, where)
    const [area, crowd, cut] = [areas[at], crowds[at], truncated[at]]
    const attributes: Attributes = {
      ...(difficult[at] !== undefined && { difficult: difficult[at] !== 0 }),
      ...(groups[at] !== undefined && { is_group_of: groups[at] !== 0 }),
      ...((views[at] ?? '') !== '' && { view: views[at] ?? '' }),
    }
    const own = rest.map(([name, feature]) => [name, feature(at)] as const)
    const common = {
      ...(category !== undefined && { category }),
      ...(area !== undefined && { area: decimalOf(area, Math.fround) }),
      ...(crowd !== undefined && { crowd: crowd !== 0 }),
      ...(cut !== undefined && { truncated: cut !== 0 }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...(own.length > 0 && { extra: { 'tf-detection-api': Object.fromEntries(own) } }),
    }
    const mask = masks[at]
    if (mask !== undefined) return { ...common, box, ...maskGeometry(mask) }
    const [x, y, width, height] = box
    return { ...common, type: 'box', x, y, width, height }
  })
}

function readBoxes(example: TfExample, place: ExamplePlace, size: Size): readonly BoxNumbers[] {
  const side = (name: string): readonly number[] =>
    numbers(example, `image/object/bbox/${name}`, place)
  const [left, top, right, bottom] = [side('xmin'), side('ymin'), side('xmax'), side('ymax')]
  if ([top, right, bottom].some(({ length }) => length !== left.length)) {
    throw problemAt(place, 'has different numbers of xmin, ymin, xmax and ymax')
  }
  if (left.length > 0 && !(size.width > 0 && size.height > 0)) {
    throw problemAt(place, 'has boxes, but no image/width and image/height to scale them by')
  }
  return left.map((start, at) => {
    const edges = { left: start, top: top[at] ?? 0, right: right[at] ?? 0, bottom: bottom[at] ?? 0 }
    return boxInPixels(edges, size, Math.fround)
  })
}

/** Masks are PNGs; in old files all pixels of all objects as numbers. An empty one is none. */
function readMasks(
  example: TfExample,
  place: ExamplePlace,
  count: number,
  { width, height }: Size,
): readonly (Mask | undefined)[] {
  const feature = example.get('image/object/mask')
  if (feature === undefined || feature.values.length === 0) return []
  if (feature.type === 'bytes') {
    if (feature.values.length !== count) {
      throw problemAt(place, `has ${feature.values.length} masks for ${count} boxes`)
    }
    return feature.values.map((bytes) => {
      const name = `${place.file} (a mask of record ${place.record})`
      return bytes.length === 0 ? undefined : decodeMaskPng(bytes, name)
    })
  }
  const pixels = width * height
  if (feature.values.length !== pixels * count || pixels > MAX_BITMAP_PIXELS) {
    throw problemAt(place, `has ${feature.values.length} pixels of ${count} masks`)
  }
  return Array.from({ length: count }, (_, object) => {
    const columns = new Uint8Array(pixels)
    for (let at = 0; at < pixels; at++) {
      const isInside = Number(feature.values[object * pixels + at]) > 0
      if (isInside) columns[(at % width) * height + Math.floor(at / width)] = 1
    }
    return { width, height, counts: bitmapToCounts(columns) }
  })
}

/** Features that we have no name for and that have one value for each object. */
function restOfObjects(
  example: TfExample,
  count: number,
): readonly (readonly [name: string, valueAt: (at: number) => Json])[] {
  return [...example].flatMap(([name, feature]) => {
    if (!isOfObjects(name) || KNOWN.has(name) || feature.values.length !== count) return []
    return [
      [
        name,
        (at: number): Json => {
          if (feature.type === 'bytes') {
            return featureToJson({ type: 'bytes', values: feature.values.slice(at, at + 1) })
          }
          if (feature.type === 'float') {
            return featureToJson({ type: 'float', values: feature.values.slice(at, at + 1) })
          }
          return featureToJson({ type: 'int64', values: feature.values.slice(at, at + 1) })
        },
      ] as const,
    ]
  })
}

function isOfObjects(name: string): boolean {
  return name.startsWith('image/object/')
}

function ownFields(
  example: TfExample,
  place: ExamplePlace,
  count: number,
  medium: ReadMedium | undefined,
  { filename, id }: { readonly filename: string; readonly id: string },
): Readonly<Record<string, Json>> {
  const features = [...example].filter(
    ([name, { values }]) =>
      !KNOWN.has(name) && !(isOfObjects(name) && count > 0 && values.length === count),
  )
  const own: Record<string, Json> = {}
  if (medium?.stated !== undefined) own['size'] = medium.stated
  const extension = extensionOf(filename)
  const isUsual = filename === `${id}${filename.slice(filename.length - extension.length - 1)}`
  if (!isUsual) own['filename'] = filename
  const [format = ''] = texts(example, 'image/format', place)
  if (format !== '' && format !== usualFormat(medium?.path ?? '')) own['format'] = format
  const [key = ''] = texts(example, 'image/key/sha256', place)
  const [bytes] = byteStrings(example, 'image/encoded', place)
  if (key !== '' && key !== sha256(bytes)) own['sha256'] = key
  if (features.length > 0) {
    own['features'] = Object.fromEntries(
      features.map(([name, feature]) => [name, featureToJson(feature)]),
    )
  }
  if (Buffer.byteLength(JSON.stringify(own)) > MAX_OWN_BYTES) {
    throw formatSyntax(
      place.file,
      `record ${place.record} has more of unknown features than is kept`,
    )
  }
  return own
}

const MAX_OWN_BYTES = 16 * 2 ** 20

/** Returns what `image/format` usually says of a file. */
export function usualFormat(path: string): string {
  const extension = extensionOf(path)
  return extension === 'jpg' || extension === '' ? 'jpeg' : extension
}

/** Returns the SHA-256 of bytes as hexadecimal digits, as `image/key/sha256` has it. */
export function sha256(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex')
}
