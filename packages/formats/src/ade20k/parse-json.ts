import type { AttributeValue, Json } from '@dsv/core'
import {
  arrayAt,
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import type { AdeImage, AdeObject } from './ade-object.ts'

/** Reads the JSON file of an image, as in 2020, in UTF-8 or Latin-1. @throws `DSV_FORMAT_SYNTAX` */
export function parseAdeJson(bytes: Uint8Array, file: string): AdeImage {
  const root = { file, path: '' }
  const place = placeOf(root, 'annotation')
  const annotation = objectAt(objectAt(parseJson(asUtf8(bytes), file), root)['annotation'], place)
  const objects = placeOf(place, 'object')
  const list = annotation['object']
  // A single object is no list.
  const all = isObject(list) ? [list] : arrayAt(list ?? [], objects)
  const scene = annotation['scene']
  return {
    objects: all.map((value, index) => {
      const at = placeOf(objects, index)
      return readObject(objectAt(value, at), at)
    }),
    attributes: isTexts(scene) && scene.length > 0 ? { scene } : {},
  }
}

function asUtf8(bytes: Uint8Array): Uint8Array {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return bytes
  } catch {
    // The official files are Latin-1.
    return Buffer.from(Buffer.from(bytes).toString('latin1'))
  }
}

function readObject(object: JsonObject, place: JsonPlace): AdeObject {
  const { id, raw_name, name, name_ndx, parts, occluded, crop, attributes, polygon, ...rest } =
    object
  const { instance_mask: mask, ...extra } = rest
  const level = isObject(parts) ? parts['part_level'] : 0
  if (typeof id !== 'number' || !Number.isInteger(id)) {
    throw wrongValue(placeOf(place, 'id'), 'should be a whole number')
  }
  if (typeof level !== 'number') {
    throw wrongValue(placeOf(place, 'parts'), 'should have a part_level')
  }
  const className = typeof name === 'string' ? name : ''
  return {
    id,
    level,
    name: stringAt(raw_name ?? name, placeOf(place, 'raw_name')),
    className,
    classNumber: typeof name_ndx === 'number' ? name_ndx : undefined,
    occluded: occluded === 'yes' ? true : occluded === 'no' ? false : undefined,
    truncated: flagOf(crop),
    attributes: attributesOf(attributes),
    mask: typeof mask === 'string' ? mask : undefined,
    polygon: polygonOf(polygon, placeOf(place, 'polygon')),
    extra: { ...extra, ...(parts !== undefined && { parts }) },
  }
}

function flagOf(value: Json | undefined): boolean | undefined {
  if (value === 1 || value === true || value === '1') return true
  return value === 0 || value === false || value === '0' ? false : undefined
}

function attributesOf(value: Json | undefined): Readonly<Record<string, AttributeValue>> {
  const names = typeof value === 'string' ? [value] : isTexts(value) ? value : []
  return Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, true]))
}

function polygonOf(value: Json | undefined, place: JsonPlace): readonly number[] {
  if (!isObject(value)) return []
  const [xs, ys] = [value['x'] ?? [], value['y'] ?? []]
  if (!isNumbers(xs) || !isNumbers(ys) || xs.length !== ys.length) {
    throw wrongValue(place, 'should have as many x as y')
  }
  return xs.flatMap((x, index) => [x, ys[index] ?? 0])
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return isArray(value) && value.every((each) => typeof each === 'string')
}
