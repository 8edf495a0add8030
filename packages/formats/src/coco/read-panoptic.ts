import {
  type AnnotationDraft,
  type AnnotationCommon,
  type Folder,
  formatCounts,
  type Json,
  type ReadContext,
} from '@dsv/core'
import { decodePng } from '../media/png-decode.ts'
import { pngChannels, pngPaletteColor, type PngImage } from '../media/png-image.ts'
import {
  arrayAt,
  isNumbers,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import { type AnnotationSource, setOwn } from './read-annotation.ts'
import { isId } from './layout.ts'

/**
 * Returns one annotation for each entry of `segments_info`; masks come from the PNG, where a pixel says
 * its segment as red + 256 green + 65536 blue.
 */
export async function readPanoptic(
  record: JsonObject,
  place: JsonPlace,
  source: AnnotationSource,
  folder: Folder,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  const fileName = stringAt(record['file_name'], placeOf(place, 'file_name'))
  const path = await mapPath(folder, place.file, fileName)
  if (path === undefined) throw wrongValue(placeOf(place, 'file_name'), 'names no file')
  const map = segmentMap(await folder.read(path), path)
  const drafts: AnnotationDraft[] = []
  const infos = arrayAt(record['segments_info'], placeOf(place, 'segments_info'))
  const masks = segmentMasks(map)
  for (const [index, value] of infos.entries()) {
    const at = placeOf(placeOf(place, 'segments_info'), index)
    drafts.push(readSegment(objectAt(value, at), at, map, masks, source))
  }
  for (const id of masks.keys()) {
    if (id !== 0) context.onLoss({ what: 'annotation: panoptic-segment', where: `${path}: ${id}` })
  }
  return drafts
}

/** The id of the segment at each pixel, column after column. */
interface SegmentMap {
  readonly width: number
  readonly height: number
  readonly ids: Uint32Array
}

/** The map is in the folder named like its file, or beside it. */
async function mapPath(folder: Folder, file: string, name: string): Promise<string | undefined> {
  const stem = file.replace(/\.json$/i, '')
  const beside = file.slice(0, file.lastIndexOf('/') + 1)
  for (const path of [`${stem}/${name}`, `${stem}_masks/${name}`, `${beside}${name}`, name]) {
    if (await folder.has(path)) return path
  }
  return undefined
}

function segmentMap(bytes: Uint8Array, path: string): SegmentMap {
  const image = decodePng(bytes, { file: path })
  const { width, height } = image
  const ids = new Uint32Array(width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) ids[x * height + y] = segmentAt(image, y * width + x)
  }
  return { width, height, ids }
}

function segmentAt({ colorType, data, palette }: PngImage, pixel: number): number {
  if (colorType === 3) {
    const [red, green, blue] = pngPaletteColor(palette ?? new Uint8Array(), data[pixel] ?? 0) ?? [
      0, 0, 0,
    ]
    return red + 256 * green + 65_536 * blue
  }
  const channels = pngChannels(colorType)
  const at = pixel * channels
  if (channels < 3) return data[at] ?? 0
  return (data[at] ?? 0) + 256 * (data[at + 1] ?? 0) + 65_536 * (data[at + 2] ?? 0)
}

/** The runs of each segment in one walk over the map. */
function segmentMasks({ ids }: SegmentMap): Map<number, number[]> {
  const masks = new Map<number, number[]>()
  const ends = new Map<number, number>()
  for (let start = 0; start < ids.length;) {
    const id = ids[start] ?? 0
    let end = start + 1
    while (end < ids.length && ids[end] === id) end += 1
    const counts = masks.get(id) ?? []
    counts.push(start - (ends.get(id) ?? 0), end - start)
    masks.set(id, counts)
    ends.set(id, end)
    start = end
  }
  for (const [id, counts] of masks) {
    const rest = ids.length - (ends.get(id) ?? 0)
    if (rest > 0) counts.push(rest)
  }
  return masks
}

function readSegment(
  info: JsonObject,
  place: JsonPlace,
  { width, height, ids }: SegmentMap,
  masks: Map<number, number[]>,
  { categories }: AnnotationSource,
): AnnotationDraft {
  const { id, category_id, area, bbox, iscrowd, ...others } = info
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) {
    throw wrongValue(placeOf(place, 'id'), 'should be the number of a segment')
  }
  const rest: Record<string, Json> = {}
  for (const [key, value] of Object.entries(others)) setOwn(rest, key, value)
  const category = isId(category_id) ? categories.get(category_id) : undefined
  if (category === undefined && category_id !== undefined && category_id !== 0) {
    throw wrongValue(placeOf(place, 'category_id'), 'is no id in `categories`')
  }
  const isCrowd = iscrowd === 0 || iscrowd === 1
  if (iscrowd !== undefined && !isCrowd) rest['iscrowd'] = iscrowd
  const counts = masks.get(id) ?? [ids.length]
  masks.delete(id)
  return {
    type: 'panoptic-segment',
    segmentId: id,
    width,
    height,
    counts: formatCounts(counts),
    ...(category === undefined ? {} : { category }),
    ...boxOf(bbox, rest),
    ...(typeof area === 'number' ? { area } : {}),
    ...(isCrowd ? { crowd: iscrowd === 1 } : {}),
    ...(Object.keys(rest).length > 0 ? { extra: { coco: rest } } : {}),
  }
}

function boxOf(bbox: Json | undefined, rest: Record<string, Json>): Pick<AnnotationCommon, 'box'> {
  if (bbox === undefined) return {}
  if (!isNumbers(bbox) || bbox.length !== 4) {
    rest['bbox'] = bbox
    return {}
  }
  const [x = 0, y = 0, width = 0, height = 0] = bbox
  return { box: [x, y, width, height] }
}
