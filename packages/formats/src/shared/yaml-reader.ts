import type { Json } from '@dsv/core'
import { formatSyntax } from '@dsv/core'
import { YAMLException, load } from 'js-yaml'
import { decodeText } from './text-reader.ts'

const MAX_BYTES = 16 * 2 ** 20
const MAX_VALUES = 1_000_000
/** Deeper is no dataset; a list that an alias puts into itself has no end. */
const MAX_DEPTH = 200

/**
 * Returns the value of a YAML 1.2 file as JSON; an empty file is null. Aliases are written out, at most
 * a million values in all, so that a small file cannot claim much memory.
 *
 * @throws `DSV_FORMAT_SYNTAX` with line and column
 */
export function parseYaml(bytes: Uint8Array, file: string): Json {
  if (bytes.length > MAX_BYTES) throw formatSyntax(file, 'too large for a YAML file')
  const text = decodeText(bytes, file)
  if (text.trim() === '') return null
  return toJson(loadYaml(text, file), { file, left: MAX_VALUES }, 0)
}

function loadYaml(text: string, file: string): unknown {
  try {
    return load(text)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const place = error.mark === undefined ? '' : ` at line ${error.mark.line + 1}`
    throw formatSyntax(file, `no valid YAML${place} (${error.reason})`, error)
  }
}

function toJson(
  value: unknown,
  budget: { readonly file: string; left: number },
  depth: number,
): Json {
  if (depth > MAX_DEPTH) throw formatSyntax(budget.file, 'is nested too deeply')
  budget.left -= 1
  if (budget.left < 0) throw formatSyntax(budget.file, 'holds too many values')
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value))
    return value.map((element: unknown) => toJson(element, budget, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, toJson(member, budget, depth + 1)]),
  )
}
