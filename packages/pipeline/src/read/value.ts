import type { Json } from '@dsv/core'

/**
 * A value of a pipeline or parameter file. Integers are `bigint` and other numbers `number`, because `1` and `1.0` are
 * written differently into a command.
 */
export type Value = null | boolean | string | bigint | number | ValueList | ValueMap
/** A list of {@link Value}. */
export type ValueList = readonly Value[]
/** A mapping of {@link Value}. */
export type ValueMap = ReadonlyMap<string, Value>

/** Returns whether a value is a mapping. */
export function isMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map
}

/** Returns whether a value is a list. */
export function isList(value: Value | undefined): value is ValueList {
  return Array.isArray(value)
}

/** Returns what a value is, for messages. */
export function kindOf(value: Value): string {
  if (value === null) return 'nothing'
  if (isMap(value)) return 'a mapping'
  if (isList(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'boolean' ? 'true or false' : 'a number'
}

/** Returns a value as JSON; numbers that JSON does not have are texts. */
export function asJson(value: Value): Json {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (isList(value)) return value.map(asJson)
  if (isMap(value)) return Object.fromEntries([...value].map(([key, each]) => [key, asJson(each)]))
  return value
}
