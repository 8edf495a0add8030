import { formatSyntax, type Json } from '@dsv/core'
import {
  type DatumaroReading,
  packedDictionary,
  packedFloats,
  packedInteger,
  packedIntegers,
  packedText,
  packedUnsigned,
} from './datumaro-bytes.ts'
import { isArray, isNumbers, isObject, type JsonObject } from './json-reader.ts'
import { boxInPixels } from './normalised-box.ts'

/** Numbers of Datumaro's `AnnotationType`, by the names that its JSON has. */
const TYPES: ReadonlyMap<string, number> = new Map([
  ['label', 1],
  ['mask', 2],
  ['points', 3],
  ['polygon', 4],
  ['polyline', 5],
  ['bbox', 6],
  ['caption', 7],
  ['cuboid_3d', 8],
  ['ellipse', 11],
  ['cuboid_2d', 16],
])
const NAMES: ReadonlyMap<number, string> = new Map([...TYPES].map(([name, type]) => [type, name]))
/** Stands for no label. */
const NO_LABEL = 2 ** 31 - 1
const NO_OBJECT = -1

/**
 * Reads a list of annotations, as records of Datumaro's JSON.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function unpackAnnotations(reading: DatumaroReading, file: string): readonly JsonObject[] {
  const count = reading.unsigned()
  const records: JsonObject[] = []
  for (let at = 0; at < count; at++) records.push(unpackAnnotation(reading, file))
  return records
}

function unpackAnnotation(reading: DatumaroReading, file: string): JsonObject {
  const code = reading.byte()
  const type = NAMES.get(code)
  if (type === undefined) throw formatSyntax(file, `has an annotation of the type ${code}`)
  const common = {
    type,
    id: reading.long(),
    group: reading.long(),
    object_id: reading.signed(),
    attributes: reading.dictionary(),
  }
  if (type === 'caption') return { ...common, caption: reading.text() }
  const label = reading.signed()
  const labelled = { ...common, label_id: label === NO_LABEL ? null : label }
  if (type === 'label') return labelled
  if (type === 'cuboid_3d') {
    const points = reading.floats()
    const [position, rotation, scale] = [points.slice(0, 3), points.slice(3, 6), points.slice(6)]
    return { ...labelled, position, rotation, scale }
  }
  const ordered = { ...labelled, z_order: reading.signed() }
  if (type === 'mask') {
    const size = [reading.signed(), reading.signed()]
    return { ...ordered, rle: { size, counts: reading.text() } }
  }
  const points = reading.floats()
  if (type === 'bbox') return { ...ordered, bbox: boxOf(points) }
  if (type === 'cuboid_2d') return { ...ordered, points: pairsOf(points) }
  return type === 'points'
    ? { ...ordered, points, visibility: reading.integers() }
    : { ...ordered, points }
}

/** Edges become a corner and a size, of fewest digits. */
function boxOf(points: readonly number[]): readonly number[] {
  const [left = 0, top = 0, right = 0, bottom = 0] = points.map(Math.fround)
  if (points.length !== 4) return points
  return boxInPixels({ left, top, right, bottom }, { width: 1, height: 1 }, Math.fround)
}

function pairsOf(points: readonly number[]): readonly Json[] {
  return points.flatMap((x, at) => (at % 2 === 0 ? [[x, points[at + 1] ?? 0]] : []))
}

/** Returns a list of annotations, given as records of Datumaro's JSON. */
export function packAnnotations(records: readonly JsonObject[]): Buffer {
  return Buffer.concat([packedUnsigned(records.length), ...records.map(packAnnotation)])
}

function packAnnotation(record: JsonObject): Buffer {
  const { type, attributes, label_id: label, z_order: zOrder } = record
  const name = typeof type === 'string' ? type : ''
  const code = TYPES.get(name)
  if (code === undefined) throw new Error(`There is no packed form of ${name}`)
  const head = Buffer.alloc(17)
  head[0] = code
  head.writeBigInt64LE(BigInt(numberOr(record['id'], 0)), 1)
  head.writeBigInt64LE(BigInt(numberOr(record['group'], 0)), 9)
  const common = [
    head,
    packedInteger(numberOr(record['object_id'], NO_OBJECT)),
    packedDictionary(isObject(attributes) ? attributes : {}),
  ]
  if (name === 'caption') return Buffer.concat([...common, packedText(textOr(record['caption']))])
  const labelled = [...common, packedInteger(numberOr(label, NO_LABEL))]
  if (name === 'label') return Buffer.concat(labelled)
  if (name === 'cuboid_3d') {
    const numbers = ['position', 'rotation', 'scale'].flatMap((key) => numbersOf(record[key]))
    return Buffer.concat([...labelled, packedFloats(numbers)])
  }
  const ordered = [...labelled, packedInteger(numberOr(zOrder, 0))]
  if (name === 'mask') return Buffer.concat([...ordered, packedMask(record['rle'])])
  if (name === 'bbox') {
    const [x = 0, y = 0, width = 0, height = 0] = numbersOf(record['bbox'])
    return Buffer.concat([...ordered, packedFloats([x, y, x + width, y + height])])
  }
  const points = packedFloats(numbersOf(record['points']))
  return name === 'points'
    ? Buffer.concat([...ordered, points, packedIntegers(numbersOf(record['visibility']))])
    : Buffer.concat([...ordered, points])
}

function packedMask(rle: Json | undefined): Buffer {
  const { size, counts }: JsonObject = isObject(rle) ? rle : {}
  const [height = 0, width = 0] = numbersOf(size)
  return Buffer.concat([packedInteger(height), packedInteger(width), packedText(textOr(counts))])
}

function numberOr(json: Json | undefined, otherwise: number): number {
  return typeof json === 'number' && Number.isSafeInteger(json) ? json : otherwise
}

function textOr(json: Json | undefined): string {
  return typeof json === 'string' ? json : ''
}

/** Numbers, also those of lists within a list. */
function numbersOf(json: Json | undefined): readonly number[] {
  if (!isArray(json)) return []
  const flat = json.flatMap((each) => (isArray(each) ? each : [each]))
  return isNumbers(flat) ? flat : []
}
