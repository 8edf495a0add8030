import { giveWay } from '@dsv/store'
import { apportion } from './apportion.ts'

/** What is dealt out to subsets: items, or groups of items that stay together. All arrays have one entry a unit. */
export interface Units {
  /** Where each stands in the order of dealing, 0…1. */
  readonly places: Float64Array
  /** How many items each is. */
  readonly sizes: Uint32Array
  /** The subset that each is in already and stays in; −1 for those to deal. */
  readonly assigned: Int32Array
  /** Which unit says how often which label; labels are numbered from 0. */
  readonly statements: Statements
}

/** Columns of a table: which unit says which label, how often; a row for each item of a unit that says it. */
export interface Statements {
  readonly unit: readonly number[]
  readonly label: readonly number[]
  readonly count: readonly number[]
}

/**
 * Returns the subset of each unit, so that every subset gets its number of items, and its share of each label.
 *
 * Iterative stratification: the label that fewest of the remaining items have is dealt first, to the subsets that lack most of it; units
 * without labels come last, and even out the sizes. Unlike in the paper, all units of a label are dealt at once and in the order of their places, so that
 * a few more or less move only those next to a border, and labels count as often as they are said.
 *
 * @param quotas - How many items each subset shall have; they add up to all
 * @see {@link https://doi.org/10.1007/978-3-642-23808-6_10 | Sechidis, Tsoumakas, Vlahavas 2011}
 */
export async function dealUnits(
  units: Units,
  quotas: readonly number[],
  signal: AbortSignal,
): Promise<Int32Array> {
  const { unit: unitOf, label: labelOf, count: countOf } = units.statements
  const subsets = units.assigned.slice()
  const byLabel = rowsBy(labelOf)
  const byUnit = rowsBy(unitOf, units.sizes.length)
  const all = quotas.reduce((sum, quota) => sum + quota, 0)
  const shares = quotas.map((quota) => quota / all)
  const sizeNeeds = [...quotas]
  const remaining = Array.from({ length: byLabel.size }, (_, label) => byLabel.of(label).length)
  const labelNeeds = remaining.map((_, label) => {
    const sum = byLabel.of(label).reduce((total, row) => total + (countOf[row] ?? 0), 0)
    return shares.map((share) => share * sum)
  })
  const settle = (unit: number, subset: number): void => {
    subsets[unit] = subset
    sizeNeeds[subset] = (sizeNeeds[subset] ?? 0) - (units.sizes[unit] ?? 0)
    for (const row of byUnit.of(unit)) {
      const label = labelOf[row] ?? 0
      const needs = labelNeeds[label] ?? []
      needs[subset] = (needs[subset] ?? 0) - (countOf[row] ?? 0)
      remaining[label] = (remaining[label] ?? 0) - 1
    }
  }
  const placed = (unit: number, weight: number): Dealt => ({
    unit,
    weight,
    place: units.places[unit] ?? 0,
  })
  for (const [unit, subset] of units.assigned.entries()) if (subset >= 0) settle(unit, subset)
  const active = new Set(remaining.keys())
  for (let label = rarest(active, remaining); label >= 0; label = rarest(active, remaining)) {
    await giveWay()
    signal.throwIfAborted()
    active.delete(label)
    const weights = new Map<number, number>()
    for (const row of byLabel.of(label)) {
      const unit = unitOf[row] ?? 0
      if (subsets[unit] === -1) weights.set(unit, (weights.get(unit) ?? 0) + (countOf[row] ?? 0))
    }
    const hand = Array.from(weights, ([unit, weight]) => placed(unit, weight))
    dealHand(hand, labelNeeds[label] ?? [], sizeNeeds, settle)
  }
  const rest: Dealt[] = []
  for (const [unit, subset] of subsets.entries())
    if (subset === -1) rest.push(placed(unit, units.sizes[unit] ?? 0))
  dealHand(rest, sizeNeeds, sizeNeeds, settle)
  return subsets
}

/** Rows of a table by the value of a column: eight bytes a row. */
interface RowTable {
  readonly size: number
  readonly of: (value: number) => Uint32Array
}

function rowsBy(
  column: readonly number[],
  size: number = column.reduce((most, value) => Math.max(most, value + 1), 0),
): RowTable {
  const starts = new Uint32Array(size + 1)
  for (const value of column) starts[value + 1] = (starts[value + 1] ?? 0) + 1
  for (let value = 0; value < size; value++)
    starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0)
  const next = starts.slice()
  const rows = new Uint32Array(column.length)
  for (const [row, value] of column.entries()) {
    const at = next[value] ?? 0
    rows[at] = row
    next[value] = at + 1
  }
  return { size, of: (value) => rows.subarray(starts[value], starts[value + 1]) }
}

/** The label that fewest items say that are not dealt yet, at least one; −1 when there is none. */
function rarest(active: Set<number>, remaining: readonly number[]): number {
  let [found, fewest] = [-1, Infinity]
  for (const label of active) {
    const count = remaining[label] ?? 0
    if (count === 0) active.delete(label)
    else if (count < fewest) [found, fewest] = [label, count]
  }
  return found
}

interface Dealt {
  readonly unit: number
  /** How much of a need it fills. */
  readonly weight: number
  readonly place: number
}

/**
 * Deals units to subsets by what they lack. Units of one weight are cut into stretches of the order of dealing, exactly. Of others, those that fill more than
 * a quarter of the smallest need go first, the heaviest first, each to who lacks most; then the rest is cut where the weights say.
 */
function dealHand(
  hand: readonly Dealt[],
  needs: readonly number[],
  favour: readonly number[],
  settle: (unit: number, subset: number) => void,
): void {
  const sorted = hand.toSorted((a, b) => a.place - b.place || a.unit - b.unit)
  const weights = sorted.reduce((sum, { weight }) => sum + weight, 0)
  // Settling changes what is lacked.
  const [lacked, favoured] = [[...needs], [...favour]]
  if (sorted.every(({ weight }) => weight === sorted[0]?.weight)) {
    const counts = apportion(sorted.length, lacked, favoured)
    let [subset, end] = [0, counts[0] ?? 0]
    for (const [index, { unit }] of sorted.entries()) {
      while (index >= end && subset + 1 < counts.length) end += counts[++subset] ?? 0
      settle(unit, subset)
    }
    return
  }
  const positive = lacked.map((need) => Math.max(0, need))
  const sum = positive.reduce((total, need) => total + need, 0)
  const left = positive.map((need) =>
    sum > 0 ? (need / sum) * weights : weights / positive.length,
  )
  const heavy = Math.min(...left.filter((need) => need > 0)) / 4
  const byWeight = sorted.filter(({ weight }) => weight > heavy)
  for (const { unit, weight } of byWeight.toSorted((a, b) => b.weight - a.weight)) {
    const subset = neediest(left, favoured)
    left[subset] = (left[subset] ?? 0) - weight
    favoured[subset] = (favoured[subset] ?? 0) - weight
    settle(unit, subset)
  }
  cutByWeight(
    sorted.filter(({ weight }) => weight <= heavy),
    left,
    settle,
  )
}

function neediest(needs: readonly number[], favour: readonly number[]): number {
  let best = 0
  for (const [subset, need] of needs.entries()) {
    const difference = need - (needs[best] ?? 0)
    const isTie = Math.abs(difference) < 1e-9
    if (isTie ? (favour[subset] ?? 0) > (favour[best] ?? 0) : difference > 0) best = subset
  }
  return best
}

/** Each unit goes where its middle falls. */
function cutByWeight(
  sorted: readonly Dealt[],
  needs: readonly number[],
  settle: (unit: number, subset: number) => void,
): void {
  const weights = sorted.reduce((sum, { weight }) => sum + weight, 0)
  const positive = needs.map((need) => Math.max(0, need))
  const sum = positive.reduce((total, need) => total + need, 0)
  let [subset, before] = [0, 0]
  const endOf = (last: number): number =>
    (positive.slice(0, last + 1).reduce((total, need) => total + need, 0) / sum) * weights
  let end = endOf(0)
  for (const { unit, weight } of sorted) {
    const middle = before + weight / 2
    while (middle > end && subset + 1 < positive.length) end = endOf(++subset)
    settle(unit, subset)
    before += weight
  }
}
