import { fileUnreadable } from '../errors.ts'
import { renderText } from './render-text.ts'
import type { Value } from './value.ts'

const MAX_VALUES = 1_000_000
const MAX_DEPTH = 100

/**
 * Returns what a parser made as a {@link Value}: keys are texts, what is no plain value is its text. Aliases are
 * written out, so what a small file may claim is counted.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE`
 */
export function toValue(parsed: unknown, file: string): Value {
  let left = MAX_VALUES
  const convert = (each: unknown, depth: number): Value => {
    left -= 1
    if (left < 0) throw fileUnreadable(file, 'holds too many values')
    if (depth > MAX_DEPTH) throw fileUnreadable(file, 'is nested too deeply')
    if (Array.isArray(each)) return each.map((member: unknown) => convert(member, depth + 1))
    if (each instanceof Map) return mapOf(each, depth)
    if (each === null || each === undefined) return null
    if (typeof each === 'object')
      return each instanceof Date ? each.toISOString() : mapOf(Object.entries(each), depth)
    const isPlain =
      typeof each === 'string' ||
      typeof each === 'boolean' ||
      typeof each === 'bigint' ||
      typeof each === 'number'
    return isPlain ? each : null
  }
  const mapOf = (pairs: Iterable<readonly [unknown, unknown]>, depth: number): Value => {
    const result = new Map<string, Value>()
    for (const [key, member] of pairs) result.set(keyOf(key), convert(member, depth + 1))
    return result
  }
  const keyOf = (key: unknown): string => {
    if (typeof key === 'object' && key !== null)
      throw fileUnreadable(file, 'has a list or a mapping as a key')
    return typeof key === 'string' ? key : renderText(convert(key, 0))
  }
  return convert(parsed, 0)
}
