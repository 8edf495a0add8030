import { jsonErrorLine } from '@dsv/core'
import { fileUnreadable } from '../errors.ts'
import { toValue } from '../read/to-value.ts'
import type { Value } from '../read/value.ts'

/** Stands before the digits of an integer while it is a text; no text of a parameter file begins so. */
const MARK = '\0'
/** In longer texts the place of an error is not looked for. */
const MAX_PLACED = 2 ** 20
const NUMBER = /-?[0-9][0-9.eE+-]*|NaN|-?Infinity/g

/**
 * Returns what a JSON text holds. `NaN` and `Infinity`, which Python writes, are numbers.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE`
 */
export function parseJson(text: string, file: string): Value {
  if (text.trim() === '') return new Map<string, Value>()
  const marked = withMarkedIntegers(text)
  let parsed: unknown
  try {
    parsed = JSON.parse(marked)
  } catch {
    const line = marked.length > MAX_PLACED ? undefined : jsonErrorLine(marked)
    throw fileUnreadable(file, 'is no valid JSON', line)
  }
  return unmarked(toValue(parsed, file))
}

/** JSON.parse does not tell 1 from 1.0, so integers go through it as texts. */
function withMarkedIntegers(text: string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at)
    const outside = text.slice(at, quote === -1 ? text.length : quote)
    parts.push(outside.replace(NUMBER, markedInteger))
    if (quote === -1) break
    at = endOfText(text, quote)
    parts.push(text.slice(quote, at))
  }
  return parts.join('')
}

function markedInteger(token: string): string {
  const isInteger = /^-?(?:0|[1-9][0-9]*)$/.test(token)
  return isInteger || /[NI]/.test(token) ? JSON.stringify(MARK + token) : token
}

/** Returns where the text that begins at `quote` has ended. */
function endOfText(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return end + 1
  }
  return text.length
}

function unmarked(value: Value): Value {
  if (Array.isArray(value)) return value.map(unmarked)
  if (value instanceof Map)
    return new Map([...value].map(([key, each]): [string, Value] => [key, unmarked(each)]))
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value
  const text = value.slice(MARK.length)
  if (/^-?[0-9]{1,1000}$/.test(text)) return BigInt(text)
  return /^(?:NaN|-?Infinity)$/.test(text) ? Number(text) : value
}
