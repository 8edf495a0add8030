import {
  type Annotation,
  type Json,
  parseCounts,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { encodePng } from '../media/png-encode.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { categoryIdIn, type FileSink } from './file-sink.ts'
import type { CocoId } from './layout.ts'
import { setOwn } from './read-annotation.ts'

const MAX_SEGMENT_ID = 2 ** 24 - 1
/** A map of more pixels than this is refused as a claim that nothing backs. */
const MAX_PIXELS = 2 ** 28

/**
 * Writes the PNG of an image in the folder named like the annotation file; returns the record that
 * names it. Where segments overlap, the later one is seen.
 */
export async function writePanoptic(
  segments: readonly Annotation[],
  image: { readonly id: CocoId; readonly fileName: string },
  sink: FileSink,
  where: string,
  folder: WritableFolder,
  { onLoss }: WriteContext,
): Promise<JsonObject> {
  const name = `${image.fileName.replace(/\.[^./]*$/, '')}.png`
  const [first] = segments
  const [width, height] = first?.type === 'panoptic-segment' ? [first.width, first.height] : [0, 0]
  const infos: Json[] = []
  const isTooLarge = width * height > MAX_PIXELS || width * height <= 0
  const pixels = new Uint8Array(isTooLarge ? 0 : width * height * 3)
  const ids = new Set<number>()
  for (const segment of segments) {
    if (segment.type !== 'panoptic-segment') continue
    const { segmentId } = segment
    const isPainted =
      segmentId > 0 &&
      segmentId <= MAX_SEGMENT_ID &&
      !ids.has(segmentId) &&
      segment.width === width &&
      segment.height === height &&
      !isTooLarge &&
      paint(pixels, segment.counts, segmentId, width, height)
    if (!isPainted) {
      onLoss({ what: 'annotation: panoptic-segment', where })
      continue
    }
    ids.add(segmentId)
    infos.push(segmentInfo(segment, segmentId, sink, where, onLoss))
  }
  if (!isTooLarge) {
    const png = encodePng({ width, height, bitDepth: 8, colorType: 2, data: pixels })
    await folder.write(`${sink.layout.path.replace(/\.json$/i, '')}/${name}`, png)
  }
  return { image_id: image.id, file_name: name, segments_info: infos }
}

function segmentInfo(
  annotation: Annotation,
  segmentId: number,
  sink: FileSink,
  where: string,
  onLoss: WriteContext['onLoss'],
): JsonObject {
  const { category, area, box, crowd, extra } = annotation
  const info: Record<string, Json> = { id: segmentId }
  info['category_id'] = categoryIdIn(sink, category)
  if (area !== undefined) info['area'] = area
  if (box !== undefined) info['bbox'] = box
  if (crowd !== undefined) info['iscrowd'] = crowd ? 1 : 0
  const coco = extra?.['coco']
  for (const [key, value] of Object.entries(isObject(coco) ? coco : {})) setOwn(info, key, value)
  for (const field of [
    'score',
    'group',
    'track',
    'zOrder',
    'occluded',
    'outside',
    'truncated',
    'sourceId',
  ] as const) {
    if (annotation[field] !== undefined) onLoss({ what: `field: ${field}`, where })
  }
  for (const attribute of Object.keys(annotation.attributes ?? {})) {
    onLoss({ what: `attribute: ${attribute}`, where })
  }
  return info
}

/** Paints the runs of a mask, which go down the columns. */
function paint(
  pixels: Uint8Array,
  text: string,
  id: number,
  width: number,
  height: number,
): boolean {
  const counts = parseCounts(text)
  if (counts === undefined) return false
  let place = 0
  for (const [index, count] of counts.entries()) {
    const end = Math.min(place + count, width * height)
    for (let pixel = index % 2 === 1 ? place : end; pixel < end; pixel += 1) {
      const at = ((pixel % height) * width + Math.floor(pixel / height)) * 3
      pixels[at] = id & 0xff
      pixels[at + 1] = (id >> 8) & 0xff
      pixels[at + 2] = id >> 16
    }
    place = end
  }
  return true
}
