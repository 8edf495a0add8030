import { type AttributeDefinition, type AttributeValue, isAttributes } from '@dsv/core'
import { optionInvalid, unknownName } from '../errors.ts'

/**
 * Returns the value that a text means for an attribute. Without a definition `true`, `12`, `null`, `"12"` and `[1, 2]` are read as JSON;
 * anything else is the text itself.
 *
 * @throws `DSV_OPTION_INVALID` for what the attribute cannot be
 */
export function parseAttribute(
  name: string,
  text: string,
  definition: AttributeDefinition | undefined,
): AttributeValue {
  const { type, values = [] } = definition ?? {}
  if (type === 'string') return text
  if (type === 'enum') {
    const found = values.find((value) => textOf(value) === text)
    if (found === undefined) throw unknownName('set', 'set', text, values.map(textOf))
    return found
  }
  const value = jsonValue(text)
  if (type === undefined) return value === undefined ? text : value
  const isRight =
    type === 'json'
      ? value !== undefined
      : type === 'integer'
        ? Number.isSafeInteger(value)
        : typeof value === type
  if (!isRight || value === undefined)
    throw optionInvalid('set', 'set', `gives attributes.${name} no ${type}`)
  return value
}

function textOf(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Undefined for a text that is none, or holds what attributes cannot. */
function jsonValue(text: string): AttributeValue | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'number' && !Number.isFinite(value)) return undefined
    const attributes: unknown = { value }
    return isAttributes(attributes) ? attributes['value'] : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
