/** Returns a number for people: thousands apart, four digits that count, none that say nothing. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) && Math.abs(value) < 1e15)
    return String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',')
  const size = Math.abs(value)
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2)
  const decimals = size >= 1000 ? 1 : size >= 100 ? 2 : 4
  const [whole = '', fraction = ''] = value.toFixed(decimals).split('.')
  const rest = fraction.replace(/0+$/u, '')
  return whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',') + (rest === '' ? '' : `.${rest}`)
}

/** Returns a number for the end of an axis, in little room: `12k`, `3.5M`, `0.02`. */
export function tickText(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const units: readonly (readonly [number, string])[] = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ]
  if (size >= 1e15) return value.toExponential(1)
  for (const [unit, sign] of units)
    if (size >= unit * 10 || (size >= unit && unit > 1e3))
      return `${Number((value / unit).toPrecision(3))}${sign}`
  return String(Number(value.toPrecision(4)))
}
