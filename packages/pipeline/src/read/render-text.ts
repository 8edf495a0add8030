import { isList, isMap, type Value } from './value.ts'

/** Returns how Python prints a value, for that is what DVC puts into texts; booleans are `true` and `false`. */
export function renderText(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'number') return renderFloat(value)
  if (isList(value)) return `[${value.map(renderText).join(', ')}]`
  if (isMap(value))
    return `{${[...value].map(([key, each]) => `${key}: ${renderText(each)}`).join(', ')}}`
  return String(value)
}

/** The shortest digits that give the number again, with an exponent below 1e-4 and from 1e16. */
function renderFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  if (value === 0) return '0.0'
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 16) {
    // JavaScript writes numbers between 1e-6 and 1e21 without an exponent.
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
