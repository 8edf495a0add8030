import {
  Binary,
  Bool,
  type DataType,
  Field,
  FixedSizeList,
  List,
  Schema,
  Struct,
  Uint16,
  Uint8,
  Utf8,
} from 'apache-arrow'
import type { JsonObject } from '../shared/json-reader.ts'
import { SIGNATURE } from './find-files.ts'

const VERSION = '2.0'

/** Returns the schema of Datumaro's table, of version 2.0, with what its metadata say. */
export function arrowSchema(infos: JsonObject, categories: JsonObject, mediaType: number): Schema {
  return new Schema(
    [
      field('id', new Utf8()),
      field('subset', new Utf8()),
      field('media', MEDIA),
      field('annotations', new Binary()),
      field('attributes', new Binary()),
    ],
    new Map([
      ['signature', SIGNATURE],
      ['version', VERSION],
      ['infos', metadataText(infos)],
      ['categories', metadataText(categories)],
      ['media_type', String.fromCharCode(mediaType, 0, 0, 0)],
    ]),
  )
}

/** Returns the JSON in a value of the metadata; what stands before it is its length. */
export function metadataJson(text: string | undefined): string {
  const start = text?.indexOf('{') ?? -1
  return start < 0 ? '{}' : (text ?? '').slice(start)
}

function field(name: string, type: DataType): Field {
  return new Field(name, type, true)
}

const IMAGE: DataType = new Struct([
  field('has_bytes', new Bool()),
  field('bytes', new Binary()),
  field('path', new Utf8()),
  field('size', new FixedSizeList(2, field('item', new Uint16()))),
])

const MEDIA: DataType = new Struct([
  field('type', new Uint8()),
  field('image', IMAGE),
  field(
    'point_cloud',
    new Struct([
      field('has_bytes', new Bool()),
      field('bytes', new Binary()),
      field('path', new Utf8()),
      field('extra_images', new List(field('image', IMAGE))),
    ]),
  ),
])

/**
 * A length of 32 bits and JSON. Metadata are texts here, in which no byte from 128 on can stand alone: so
 * spaces at the end bring the length to one without such bytes.
 */
function metadataText(json: JsonObject): string {
  if (Object.keys(json).length === 0) return '\0\0\0\0'
  const text = JSON.stringify(json)
  const length = lengthOfSmallBytes(Buffer.byteLength(text))
  const head = Buffer.alloc(4)
  head.writeUInt32LE(length)
  return `${head.toString('latin1')}${text}${' '.repeat(length - Buffer.byteLength(text))}`
}

/** Returns the least number from `least` on whose bytes are all below 128. */
function lengthOfSmallBytes(least: number): number {
  let length = least
  for (const bit of [0x80, 0x8000, 0x800000]) {
    // A byte from 128 on becomes 0 and carries one to the next.
    if (Math.floor(length / bit) % 2 === 1) length = (Math.floor(length / bit) + 1) * bit
  }
  return length
}
