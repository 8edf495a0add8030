import { CORE_SCHEMA, FAILSAFE_SCHEMA, load, mergeTag, realMapTag } from 'js-yaml'
import { dvcMetadataInvalid } from '../errors.ts'

/** A value of a YAML file whose scalars stay text. */
export type YamlText = string | readonly YamlText[] | YamlMap
/** A mapping of {@link YamlText}. */
export type YamlMap = ReadonlyMap<string, YamlText>
/** A value of a YAML file as JSON. */
export type YamlJson =
  | string
  | number
  | boolean
  | null
  | readonly YamlJson[]
  | { readonly [key: string]: YamlJson }

const MAX_BYTES = 64 * 2 ** 20
const MAX_VALUES = 2_000_000
const MAX_DEPTH = 100
const MAX_ALIASES = 10_000

const TEXT_SCHEMA = FAILSAFE_SCHEMA.withTags(realMapTag, mergeTag)
const TYPED_SCHEMA = CORE_SCHEMA.withTags(realMapTag, mergeTag)

/**
 * Returns the mapping that a YAML file of DVC holds, empty for an empty file. Scalars stay text: releases
 * of DVC differ in which hashes they quote, and `12e45` must not become a number.
 *
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function parseYaml(bytes: Uint8Array, file: string): YamlMap {
  const value = parse(bytes, file, false)
  if (value === null || value === '') return new Map()
  const budget = { file, left: MAX_VALUES }
  const text = toText(value, budget, 0)
  if (!isYamlMap(text)) throw dvcMetadataInvalid(file, 'is no mapping')
  return text
}

/**
 * Returns the value of a YAML file as JSON, with numbers and booleans.
 *
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function parseTypedYaml(bytes: Uint8Array, file: string): YamlJson {
  return toJson(parse(bytes, file, true), { file, left: MAX_VALUES }, 0)
}

/** Returns whether a value is a mapping. */
export function isYamlMap(value: YamlText | undefined): value is YamlMap {
  return value instanceof Map
}

function parse(bytes: Uint8Array, file: string, isTyped: boolean): unknown {
  if (bytes.length > MAX_BYTES) throw dvcMetadataInvalid(file, 'is too large')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (text.trim() === '') return null
    const schema = isTyped ? TYPED_SCHEMA : TEXT_SCHEMA
    return load(text, { schema, maxAliases: MAX_ALIASES })
  } catch (error) {
    throw dvcMetadataInvalid(file, `is no valid YAML (${firstLine(error)})`, error)
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Object && 'message' in error ? String(error.message) : ''
  return text.split('\n', 1)[0]?.slice(0, 200) ?? ''
}

interface Budget {
  readonly file: string
  left: number
}

/** Aliases are written out, so what a small file may claim is counted. */
function spend(budget: Budget, depth: number): void {
  budget.left -= 1
  if (budget.left < 0) throw dvcMetadataInvalid(budget.file, 'holds too many values')
  if (depth > MAX_DEPTH) throw dvcMetadataInvalid(budget.file, 'is nested too deeply')
}

function toText(value: unknown, budget: Budget, depth: number): YamlText {
  spend(budget, depth)
  if (Array.isArray(value)) return value.map((each: unknown) => toText(each, budget, depth + 1))
  if (!(value instanceof Map)) return typeof value === 'string' ? value : ''
  return new Map([...value].map(([key, each]) => [String(key), toText(each, budget, depth + 1)]))
}

function toJson(value: unknown, budget: Budget, depth: number): YamlJson {
  spend(budget, depth)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return value.map((each: unknown) => toJson(each, budget, depth + 1))
  if (typeof value === 'bigint') return value.toString()
  if (!(value instanceof Map)) return null
  return Object.fromEntries(
    [...value].map(([key, each]) => [String(key), toJson(each, budget, depth + 1)]),
  )
}
