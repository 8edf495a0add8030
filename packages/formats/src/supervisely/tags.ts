import type { Attributes, AttributeValue, Json } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'

/** The tag that says which objects belong together. */
export const GROUP_TAG = '@label-group-id'

/** The tags of an object or image. */
export interface ReadTags {
  readonly attributes: Attributes
  /** What tags say beside name and value (id, who made it), by name. */
  readonly rest: { readonly [name: string]: JsonObject }
}

/** Reads tags: one without value is true, several of one name are a list. */
export function readTags(json: Json | undefined): ReadTags {
  const values = new Map<string, AttributeValue[]>()
  const rest = new Map<string, JsonObject>()
  for (const tag of isArray(json) ? json : []) {
    // In old projects a tag is its name.
    const { name, value, ...others } = isObject(tag) ? tag : { name: tag }
    if (typeof name !== 'string') continue
    const plain = value === undefined || value === null ? true : valueOf(value)
    const known = values.get(name)
    if (known === undefined) values.set(name, [plain])
    else known.push(plain)
    if (Object.keys(others).length > 0 && known === undefined) rest.set(name, others)
  }
  return {
    attributes: Object.fromEntries(
      [...values].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? true) : list]),
    ),
    rest: Object.fromEntries(rest),
  }
}

function valueOf(value: Json): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value
  }
  return JSON.stringify(value)
}

/** Returns tags for attributes that tags can say. */
export function writeTags(attributes: Attributes, rest: Json | undefined): readonly JsonObject[] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    if (!isTagValue(value)) return []
    const others = isObject(rest) && Object.hasOwn(rest, name) ? rest[name] : undefined
    const list = Array.isArray(value) ? value : [value]
    return list.map((each: AttributeValue) => ({
      name,
      value: each === true ? null : asJson(each),
      ...(isObject(others) && others),
    }))
  })
}

/** Whether a tag says a value as it is: true, a text, a number, or several of these. */
export function isTagValue(value: AttributeValue): boolean {
  if (!Array.isArray(value)) return isPlain(value)
  return value.length > 1 && value.every(isPlain)
}

function isPlain(value: AttributeValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return value === true || typeof value === 'string'
}

function asJson(value: AttributeValue): Json {
  return typeof value === 'object' ? null : value
}
