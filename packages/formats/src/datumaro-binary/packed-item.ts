import { formatSyntax, type Json } from '@dsv/core'
import {
  type DatumaroReading,
  packedDictionary,
  packedInteger,
  packedText,
  packedUnsigned,
} from '../shared/datumaro-bytes.ts'
import { unpackAnnotations } from '../shared/datumaro-packed-annotations.ts'
import { isArray, isNumbers, isObject, type JsonObject } from '../shared/json-reader.ts'

/** Numbers of Datumaro's `MediaType`. */
const MEDIA = { none: 0, other: 1, image: 2, frame: 4, video: 5, cloud: 6 } as const
/** Stands for an image of unknown size. */
const NO_SIZE = [-1583, -1597] as const
const NO_PATH = '/NOT/A/REAL/PATH'
const NO_END = 0xffffffff

/** Reads an item, as a record of Datumaro's JSON. @throws `DSV_FORMAT_SYNTAX` */
export function unpackItem(
  reading: DatumaroReading,
  file: string,
): { readonly subset: string; readonly record: JsonObject } {
  const id = reading.text()
  const subset = reading.text()
  const media = unpackMedia(reading, file)
  const attr = reading.dictionary()
  const annotations = unpackAnnotations(reading, file)
  return { subset, record: { id, attr, annotations, ...media } }
}

function unpackMedia(reading: DatumaroReading, file: string): JsonObject {
  const type = reading.unsigned()
  if (type === MEDIA.none) return {}
  const stated = reading.text()
  const path = stated === NO_PATH ? '' : stated
  switch (type) {
    case MEDIA.other:
      return path === '' ? {} : { media: { path } }
    case MEDIA.image:
      return { image: { path, ...unpackSize(reading) } }
    case MEDIA.frame:
      return { video_frame: { video_path: path, frame_index: reading.unsigned() } }
    case MEDIA.video: {
      const [step, start, end] = [reading.unsigned(), reading.unsigned(), reading.unsigned()]
      const ending = end === NO_END ? {} : { end_frame: end }
      return { video: { path, step, start_frame: start, ...ending } }
    }
    case MEDIA.cloud: {
      const count = reading.unsigned()
      const images: Json[] = []
      for (let at = 0; at < count; at++) {
        reading.unsigned()
        images.push({ path: reading.text(), ...unpackSize(reading) })
      }
      return { point_cloud: { path, extra_images: images } }
    }
    default:
      throw formatSyntax(file, `has media of the kind ${type}`)
  }
}

function unpackSize(reading: DatumaroReading): JsonObject {
  const [height, width] = [reading.signed(), reading.signed()]
  return height === NO_SIZE[0] && width === NO_SIZE[1] ? {} : { size: [height, width] }
}

/** Returns the bytes of an item, given as a record of Datumaro's JSON, and its packed annotations. */
export function packItem(subset: string, record: JsonObject, annotations: Uint8Array): Buffer {
  const { id, attr } = record
  return Buffer.concat([
    packedText(typeof id === 'string' ? id : ''),
    packedText(subset),
    packMedia(record),
    packedDictionary(isObject(attr) ? attr : {}),
    annotations,
  ])
}

function packMedia(record: JsonObject): Buffer {
  const { image, point_cloud: cloud, video_frame: frame, video, media } = record
  if (isObject(image)) return packImage(image)
  if (isObject(cloud)) {
    const related = record['related_images']
    const images = isArray(related) ? related.filter(isObject) : []
    const head = [packedUnsigned(MEDIA.cloud), packedText(textOf(cloud['path']))]
    return Buffer.concat([...head, packedUnsigned(images.length), ...images.map(packImage)])
  }
  if (isObject(frame)) {
    const index = packedUnsigned(numberOf(frame['frame_index'], 0))
    const path = packedText(textOf(frame['video_path']))
    return Buffer.concat([packedUnsigned(MEDIA.frame), path, index])
  }
  if (isObject(video)) {
    return Buffer.concat([
      packedUnsigned(MEDIA.video),
      packedText(textOf(video['path'])),
      packedUnsigned(numberOf(video['step'], 1)),
      packedUnsigned(numberOf(video['start_frame'], 0)),
      packedUnsigned(numberOf(video['end_frame'], NO_END)),
    ])
  }
  if (!isObject(media)) return packedUnsigned(MEDIA.none)
  return Buffer.concat([packedUnsigned(MEDIA.other), packedText(textOf(media['path']))])
}

function packImage({ path, size }: JsonObject): Buffer {
  const [height = NO_SIZE[0], width = NO_SIZE[1]] = isNumbers(size) ? size : []
  const sides = [packedInteger(height), packedInteger(width)]
  return Buffer.concat([packedUnsigned(MEDIA.image), packedText(textOf(path)), ...sides])
}

function textOf(json: Json | undefined): string {
  return typeof json === 'string' ? json : ''
}

function numberOf(json: Json | undefined, otherwise: number): number {
  const isHeld =
    typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= 0xffffffff
  return isHeld ? json : otherwise
}
