import {
  constructFromEvents,
  CORE_SCHEMA,
  defineScalarTag,
  floatCoreTag,
  intCoreTag,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  realMapTag,
} from 'js-yaml'
import { fileUnreadable } from '../errors.ts'
import { toValue } from './to-value.ts'
import type { Value } from './value.ts'

const MAX_ALIASES = 10_000

/**
 * Returns the value of a YAML 1.2 text; that of an empty one is null. Merge keys (`<<`), `_` between digits and
 * binary numbers, which files for DVC may have, are understood.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE` with the line
 */
export function parseYaml(text: string, file: string): Value {
  let documents: readonly unknown[]
  try {
    documents = constructFromEvents(parseEvents(text, {}), {
      source: text,
      schema: SCHEMA,
      maxAliases: MAX_ALIASES,
    })
  } catch (error) {
    const line = lineAt(error)
    throw fileUnreadable(file, problemOf(error), line, hintFor(text, line))
  }
  if (documents.length > 1) throw fileUnreadable(file, 'holds more than one document')
  return toValue(documents[0], file)
}

/** More digits than any parameter has; turning them into a number takes time. */
const MAX_DIGITS = 1000
const WHOLE = /^[-+]?(?:0b_*[01][01_]*|0o_*[0-7][0-7_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)$/
const FLOAT =
  /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?$/

const integerTag = defineScalarTag<bigint>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  resolve: (source) => {
    if (source.length > MAX_DIGITS) return NOT_RESOLVED
    if (!WHOLE.test(source)) return NOT_RESOLVED
    const size = BigInt(source.replace(/^[-+]/, '').replace(/_/g, ''))
    return source.startsWith('-') ? -size : size
  },
  identify: () => false,
})

const floatTag = defineScalarTag<number>(floatCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: floatCoreTag.implicitFirstChars,
  resolve: (source, isExplicit, tagName) => {
    if (source.length > MAX_DIGITS) return NOT_RESOLVED
    if (FLOAT.test(source)) return Number(source.replace(/_/g, ''))
    return floatCoreTag.resolve(source, isExplicit, tagName)
  },
  identify: () => false,
})

const SCHEMA = CORE_SCHEMA.withTags(integerTag, floatTag, mergeTag, realMapTag)

function hintFor(text: string, line: number | undefined): string | undefined {
  if (line === undefined || !text.split('\n', line)[line - 1]?.includes('${')) return undefined
  return 'Put texts with ${…} into quotes where they stand within [ ] or { }.'
}

function problemOf(error: unknown): string {
  const isKnown = typeof error === 'object' && error !== null && 'reason' in error
  const reason = isKnown ? String(error.reason) : 'too much in it'
  return `is no valid YAML (${reason.split('\n', 1)[0]?.slice(0, 200) ?? ''})`
}

function lineAt(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('mark' in error)) return undefined
  const { mark } = error
  if (typeof mark !== 'object' || mark === null || !('line' in mark)) return undefined
  return typeof mark.line === 'number' ? mark.line + 1 : undefined
}
