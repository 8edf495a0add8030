/** Round numbers along an axis, and the span that they cover. */
export interface Axis {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

/** Returns an axis that holds `low` and `high`, with about `count` ticks at round numbers. */
export function linearAxis(low: number, high: number, count = 5): Axis {
  if (!Number.isFinite(low) || !Number.isFinite(high) || high - low === Infinity)
    return { from: 0, to: 1, ticks: [0, 1] }
  const span = high > low ? high - low : Math.abs(high) || 1
  const step = roundStep(span / count)
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  const ticks: number[] = []
  // Where steps are smaller than what a number can tell apart there is nothing to mark.
  if (last - first <= 4 * count)
    for (let index = first; index <= last; index++)
      ticks.push(Number((index * step).toPrecision(12)))
  else ticks.push(low, high)
  return { from: ticks[0] ?? low, to: ticks.at(-1) ?? high, ticks }
}

/** Returns where a value lies between the ends of an axis, 0…1; outside values at the ends. */
export function placeOn({ from, to }: Axis, value: number): number {
  const place = (value - from) / (to - from)
  return Number.isFinite(place) ? Math.min(1, Math.max(0, place)) : 0
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  if (!(power > 0) || !Number.isFinite(power)) return rough || 1
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10
  return factor * power
}
