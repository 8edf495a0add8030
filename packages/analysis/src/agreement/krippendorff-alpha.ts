/** Sums from which Krippendorff's alpha is computed; the same values in any order give the same sums. */
export interface AlphaSums {
  /** Values that can be compared with another one of their unit. */
  values: number
  /** Disagreement within units: over ordered pairs, by one less than the values of the unit. */
  observed: number
  /** Disagreement over all ordered pairs of values. */
  expected: number
}

/**
 * Returns Krippendorff's alpha: 1 for agreement, 0 for what chance gives, less for worse; null where there is nothing
 * to compare, or all values are the same.
 *
 * @see {@link https://repository.upenn.edu/asc_papers/43/ | Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011}
 */
export function krippendorffAlpha({ values, observed, expected }: AlphaSums): number | null {
  if (values < 2 || expected <= 0) return null
  return 1 - ((values - 1) * observed) / expected
}
