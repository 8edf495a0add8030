/** A decimal number without rounding: `value` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly value: bigint
  readonly scale: number
}

/** Beyond so many digits behind the point nobody measures; numbers of them are taken as they round. */
const MAX_SCALE = 400

/** Returns what a text like `-1.50e-3` says, or undefined when it is no such text or too fine. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/iu.exec(text.trim())
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const scale = fraction.length - Number(exponent)
  if (Math.abs(scale) > MAX_SCALE || whole.length + fraction.length > MAX_SCALE) return undefined
  const digits = BigInt(`${whole}${fraction}`)
  const value = sign === '-' ? -digits : digits
  return scale < 0 ? { value: value * 10n ** BigInt(-scale), scale: 0 } : { value, scale }
}

/** Returns the decimal that a number is written as. */
export function decimalOf(number: number): Decimal {
  return parseDecimal(String(number)) ?? { value: 0n, scale: 0 }
}

/** Returns `a + b` without rounding. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { value: scaled(a, scale) + scaled(b, scale), scale }
}

/** Returns `a - b` without rounding. */
export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { value: -b.value, scale: b.scale })
}

/** Returns half of a decimal without rounding. */
export function halfOf({ value, scale }: Decimal): Decimal {
  return value % 2n === 0n ? { value: value / 2n, scale } : { value: value * 5n, scale: scale + 1 }
}

/** Returns a decimal as text, without zeros at its end. */
export function decimalText({ value, scale }: Decimal): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = digits.slice(point).replace(/0+$/u, '')
  const sign = value < 0n ? '-' : ''
  return `${sign}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`
}

/** Returns the number nearest to a decimal. */
export function decimalNumber(decimal: Decimal): number {
  return Number(decimalText(decimal))
}

function scaled({ value, scale }: Decimal, to: number): bigint {
  return value * 10n ** BigInt(to - scale)
}
