/** How many values lie from `from` up to but without `to`; the last bin of a list has `to` as well. */
export interface NumberBin {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Numbers in a few figures. */
export interface NumberSummary {
  readonly count: number
  readonly mean: number
  /** Unbiased; null of a single value. */
  readonly std: number | null
  readonly min: number
  readonly max: number
  /** Lower quartile, median and upper quartile: values that occur. */
  readonly quartiles: readonly [number, number, number]
  /** The distribution; what the bins are depends on what is counted. */
  readonly bins: readonly NumberBin[]
  /**
   * Of how many binary digits the quartiles and bins take notice: 52, all there are, up to 20,000 different values,
   * then as few as it takes.
   */
  readonly binaryDigits: number
}

/** How numbers are put into bins: ten of equal width, powers of two, or whole numbers. */
export type Binning = 'ten' | 'octaves' | 'whole'

/** Numbers that are counted as they come. */
export interface NumberTally {
  /** Takes a value; one that is not finite is passed over. */
  add(value: number): void
  /** Returns undefined before the first value. */
  summary(binning: Binning): NumberSummary | undefined
}

const MAX_VALUES = 20_000
/** Binary digits that are kept one after the other when there are too many values. */
const FINENESS = [52, 32, 24, 20, 18, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]

/**
 * Counts numbers in bounded memory: how often each occurs, up to 20,000 different ones. Beyond that, values lose
 * binary digits, the same for all of them, until no more are different; so the result depends on the numbers and
 * not on their order. Count, mean, deviation, least and greatest are always those of the values themselves.
 */
export function numberTally(maxValues: number = MAX_VALUES): NumberTally {
  let counts = new Map<number, number>()
  let level = 0
  let [count, mean, squares, min, max] = [0, 0, 0, Infinity, -Infinity]
  // What the sum loses by rounding is summed beside it (Neumaier).
  let [sum, lost] = [0, 0]
  const coarsen = (): void => {
    level++
    const before = counts
    counts = new Map()
    const cut = cutter(FINENESS[level] ?? 0)
    for (const [value, times] of before) {
      const coarse = cut(value)
      counts.set(coarse, (counts.get(coarse) ?? 0) + times)
    }
  }
  let cutValue = cutter(52)
  return {
    add: (given) => {
      if (!Number.isFinite(given)) return
      // There is one zero.
      const value = given + 0
      count++
      const next = sum + value
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
      sum = next
      // Welford's recurrence: sums of squares would lose what matters of numbers that lie close together.
      const distance = value - mean
      mean += distance / count
      squares += distance * (value - mean)
      if (value < min) min = value
      if (value > max) max = value
      const kept = cutValue(value)
      counts.set(kept, (counts.get(kept) ?? 0) + 1)
      while (counts.size > maxValues && level < FINENESS.length - 1) {
        coarsen()
        cutValue = cutter(FINENESS[level] ?? 0)
      }
    },
    summary: (binning) => {
      if (count === 0) return undefined
      const sorted = [...counts].toSorted(([a], [b]) => a - b)
      const deviation = Math.sqrt(Math.max(0, squares) / (count - 1))
      const at = (share: number): number => clamp(quantile(sorted, count, share), min, max)
      return {
        count,
        mean: Number.isFinite(sum + lost) ? (sum + lost) / count : finite(mean),
        std: count > 1 && Number.isFinite(deviation) ? deviation : null,
        min,
        max,
        quartiles: [at(0.25), at(0.5), at(0.75)],
        bins: binned(sorted, binning, min, max),
        binaryDigits: FINENESS[level] ?? 0,
      }
    },
  }
}

/** Returns what cuts a number to so many binary digits behind the first, towards zero. */
function cutter(digits: number): (value: number) => number {
  if (digits >= 52) return (value) => value
  const view = new DataView(new ArrayBuffer(8))
  const mask = ~0n << BigInt(52 - digits)
  return (value) => {
    view.setFloat64(0, value)
    view.setBigUint64(0, BigInt.asUintN(64, view.getBigUint64(0) & mask))
    return view.getFloat64(0) + 0
  }
}

type Counted = readonly (readonly [value: number, times: number])[]

/** The least value that at least `share` of all values do not exceed. */
function quantile(sorted: Counted, count: number, share: number): number {
  let left = Math.max(1, Math.ceil(count * share))
  for (const [value, times] of sorted) {
    left -= times
    if (left <= 0) return value
  }
  return sorted.at(-1)?.[0] ?? Number.NaN
}

function binned(sorted: Counted, binning: Binning, min: number, max: number): NumberBin[] {
  const edges =
    binning === 'octaves'
      ? octaveEdges(sorted, max)
      : binning === 'whole'
        ? wholeEdges(min, max)
        : equalEdges(min, max, 10)
  const bins = edges
    .slice(0, -1)
    .map((from, index) => ({ from, to: edges[index + 1] ?? from, count: 0 }))
  let index = 0
  for (const [value, times] of sorted) {
    while (index < bins.length - 1 && value >= (bins[index]?.to ?? Infinity)) index++
    const bin = bins[index]
    if (bin !== undefined) bin.count += times
  }
  return bins
}

/** As NumPy's `histogram` has them, half a unit around a value that is alone. */
function equalEdges(min: number, max: number, parts: number): number[] {
  const [from, to] = min === max ? [min - 0.5, max + 0.5] : [min, max]
  const step = to / parts - from / parts
  const width = Number.isFinite(to - from) ? (to - from) / parts : step
  return Array.from({ length: parts + 1 }, (_, index) =>
    index === parts ? to : from + index * width,
  )
}

/** Powers of two around what is greater than nothing; 0 begins the first where there is nothing or less. */
function octaveEdges(sorted: Counted, max: number): number[] {
  const [least = 1] = sorted.find(([value]) => value > 0) ?? []
  const low = Math.max(-20, Math.floor(Math.log2(least)))
  const high = Math.min(60, Math.max(low + 1, Math.floor(Math.log2(Math.max(max, least))) + 1))
  const powers = Array.from({ length: high - low + 1 }, (_, index) => 2 ** (low + index))
  const [first] = sorted[0] ?? [1]
  return first < (powers[0] ?? 0) ? [Math.min(0, first), ...powers] : powers
}

/** At most 32 bins that begin at whole numbers. */
function wholeEdges(min: number, max: number): number[] {
  const first = Math.floor(min)
  const span = Math.floor(max) - first + 1
  if (!(span < 2 ** 52)) return equalEdges(min, max, 10)
  const width = Math.ceil(span / 32)
  return Array.from({ length: Math.ceil(span / width) + 1 }, (_, index) => first + index * width)
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
