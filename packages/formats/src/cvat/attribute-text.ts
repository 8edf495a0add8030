import type { AttributeDefinition, AttributeValue } from '@dsv/core'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu

/** Returns the number that a text is, or undefined when it is none or not a finite one. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim()
  const value = NUMBER.test(trimmed) ? Number(trimmed) : NaN
  return Number.isFinite(value) ? value : undefined
}

/**
 * Returns the value of an attribute by the type of its definition; text where it has none, or where
 * the text is none of that type.
 */
export function parseAttribute(
  text: string,
  definition: Pick<AttributeDefinition, 'type'> | undefined,
): AttributeValue {
  if (definition?.type === 'boolean') {
    const lower = text.trim().toLowerCase()
    return lower === 'true' ? true : lower === 'false' ? false : text
  }
  if (definition?.type !== 'number' && definition?.type !== 'integer') return text
  const value = parseNumber(text)
  return value === undefined || (Number.isInteger(value) && !Number.isSafeInteger(value))
    ? text
    : value
}

/** Returns the value of an attribute as text. */
export function formatAttribute(value: AttributeValue): string {
  if (typeof value === 'string') return value
  if (Object.is(value, -0)) return '-0'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
