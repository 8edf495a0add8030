import type { AttributeValue, Json } from '@dsv/core'
import { isArray } from './json-reader.ts'

/** Returns whether JSON can be the value of an attribute: anything but objects. */
export function isAttributeValue(json: Json): json is AttributeValue & Json {
  if (isArray(json)) return json.every(isAttributeValue)
  return typeof json !== 'object' || json === null
}
