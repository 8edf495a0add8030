const DECIMALS = 9
const SCALE = 10 ** DECIMALS

/**
 * Writes normalised numbers: with exactly `decimals` digits (`%.6f`) where the source did so, else as
 * the shortest decimal that is within 5e-10, which is less than a millionth of a pixel in images up to
 * 2,000 pixels wide.
 */
export function numbersText(values: readonly number[], decimals: number | undefined): string {
  let text = ''
  for (const value of values) {
    if (text !== '') text += ' '
    text += decimals === undefined ? shortText(value) : fixedText(value, decimals)
  }
  return text
}

/** Returns how many decimals all these number texts have, or undefined when they differ. */
export function commonDecimals(texts: Iterable<string>): number | undefined {
  let common: number | undefined
  for (const text of texts) {
    const match = /^-?\d+\.(\d+)$/.exec(text)
    const decimals = match?.[1]?.length
    if (decimals === undefined || (common !== undefined && common !== decimals)) return undefined
    common = decimals
  }
  return common !== undefined && common >= 2 && common <= 20 ? common : undefined
}

function fixedText(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  return /^-0\.0*$/.test(text) ? text.slice(1) : text
}

function shortText(value: number): string {
  if (Number.isInteger(value)) return value === 0 ? '0' : String(value)
  const rounded = Math.round(value * SCALE) / SCALE
  if (Math.abs(rounded) >= 1e-6) return String(rounded)
  return rounded === 0 ? '0' : rounded.toFixed(DECIMALS).replace(/0+$/, '')
}
