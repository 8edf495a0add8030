import type { AttributeValue } from '@dsv/core'

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u

/** Returns the finite number that `text` is, or undefined. Spaces around it do not count. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim()
  const number = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** Returns what the text of an attribute means: a boolean, a number, or the text itself. */
export function attributeOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'True') return true
  if (text === 'false' || text === 'False') return false
  const isPlain = text === text.trim()
  return (isPlain ? numberOf(text) : undefined) ?? text
}

/** Returns the text of an attribute, or undefined when no text would be read back as this value. */
export function attributeText(value: AttributeValue): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return undefined
  }
  const text = String(value)
  return Object.is(attributeOf(text), value) ? text : undefined
}
