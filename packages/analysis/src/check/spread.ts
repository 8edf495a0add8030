/** How numbers are spread: what one pass over them gives. */
export interface Spread {
  count: number
  mean: number
  /** Sum of squared distances from the mean. */
  squares: number
  least: number
  most: number
  /** How many lie in each of ten bins of the same width; filled in a second pass. */
  readonly bins: number[]
}

const BINS = 10

/** Returns the spread of no numbers. */
export function emptySpread(): Spread {
  return { count: 0, mean: 0, squares: 0, least: Infinity, most: -Infinity, bins: [] }
}

/** Adds a number, by Welford's method: equal numbers have a deviation of exactly 0. */
export function addToSpread(spread: Spread, value: number): void {
  spread.count += 1
  const distance = value - spread.mean
  spread.mean += distance / spread.count
  spread.squares += distance * (value - spread.mean)
  spread.least = Math.min(spread.least, value)
  spread.most = Math.max(spread.most, value)
}

/** Counts a number, that was added before, in its bin. Of equal numbers all are in the middle. */
export function addToBin(spread: Spread, value: number): void {
  const isFlat = spread.least === spread.most
  const [from, to] = isFlat ? [spread.least - 0.5, spread.most + 0.5] : [spread.least, spread.most]
  const bin = Math.min(BINS - 1, Math.max(0, Math.floor(((value - from) / (to - from)) * BINS)))
  spread.bins[bin] = (spread.bins[bin] ?? 0) + 1
}

/** Returns whether a number lies more standard deviations from the mean than allowed. */
export function isFarFromMean(spread: Spread, value: number, deviations: number): boolean {
  const deviation = Math.sqrt(spread.squares / spread.count)
  return Math.abs(value - spread.mean) > deviation * deviations
}

/** Returns the share of numbers that lie in the fullest bins, as many as `top` says, 0…1. */
export function shareOfTopBins({ bins, count }: Spread, top: number): number {
  const full = bins.filter((each) => each > 0).toSorted((a, b) => b - a)
  const taken = full.slice(0, Math.max(1, Math.round(BINS * top)))
  return taken.reduce((sum, each) => sum + each, 0) / count
}
