import { isList, isMap, type Value } from '../read/value.ts'

/** Returns what keys of mappings and indices of lists lead to; undefined where there is nothing. */
export function valueAt(value: Value, keys: readonly string[]): Value | undefined {
  let found: Value | undefined = value
  for (const key of keys) {
    if (isMap(found)) found = found.get(key)
    else if (isList(found)) found = /^-?[0-9]{1,9}$/.test(key) ? found.at(Number(key)) : undefined
    else return undefined
  }
  return found
}
