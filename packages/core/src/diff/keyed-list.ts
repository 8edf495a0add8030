import { compareFields, type FieldChange, type RecordFields } from './record-fields.ts'

/** How two lists of things with keys differ. */
export interface KeyedDiff<T> {
  readonly added: readonly T[]
  readonly removed: readonly T[]
  readonly changed: readonly KeyedChange<T>[]
  /** Keys in their new order, when that is not the old order with what is added at the end. */
  readonly order?: readonly string[]
}

/** One thing that is in both lists, and differs. */
export interface KeyedChange<T> {
  readonly key: string
  readonly before: T
  readonly after: T
  readonly fields: readonly FieldChange[]
}

/** How things of a kind are told apart and compared. */
export interface Keyed<T> {
  keyOf(value: T): string
  fieldsOf(value: T): RecordFields
}

/** Compares two lists of things with keys. Of several things with one key the last counts. */
export function diffKeyed<T>(
  before: readonly T[],
  after: readonly T[],
  kind: Keyed<T>,
): KeyedDiff<T> {
  const old = byKey(before, kind)
  const now = byKey(after, kind)
  const added = [...now].filter(([key]) => !old.has(key)).map(([, value]) => value)
  const removed = [...old].filter(([key]) => !now.has(key)).map(([, value]) => value)
  const changed = [...now].flatMap(([key, value]) => {
    const was = old.get(key)
    if (was === undefined || was === value) return []
    const fields = compareFields(kind.fieldsOf(was), kind.fieldsOf(value))
    return fields.length === 0 ? [] : [{ key, before: was, after: value, fields }]
  })
  const expected = [
    ...[...old.keys()].filter((key) => now.has(key)),
    ...added.map((value) => kind.keyOf(value)),
  ]
  const order = [...now.keys()]
  const isMoved = order.some((key, index) => key !== expected[index])
  return { added, removed, changed, ...(isMoved && { order }) }
}

/**
 * Returns the list after a diff. Applied to another list than the diff was made from, it does what it
 * can: what is gone stays gone, changed things become what they became.
 */
export function applyKeyed<T>(
  list: readonly T[],
  diff: KeyedDiff<T>,
  kind: Keyed<T>,
): readonly T[] {
  const values = byKey(list, kind)
  for (const value of diff.removed) values.delete(kind.keyOf(value))
  for (const { key, after } of diff.changed) if (values.has(key)) values.set(key, after)
  for (const value of diff.added) values.set(kind.keyOf(value), value)
  if (diff.order === undefined) return [...values.values()]
  const places = new Map(diff.order.map((key, place) => [key, place]))
  const placeOf = (value: T): number => places.get(kind.keyOf(value)) ?? places.size
  return [...values.values()].toSorted((a, b) => placeOf(a) - placeOf(b))
}

/** Returns whether a diff says that nothing differs. */
export function isEmptyKeyedDiff(diff: KeyedDiff<unknown>): boolean {
  return (
    diff.added.length === 0 &&
    diff.removed.length === 0 &&
    diff.changed.length === 0 &&
    diff.order === undefined
  )
}

function byKey<T>(list: readonly T[], kind: Keyed<T>): Map<string, T> {
  return new Map(list.map((value) => [kind.keyOf(value), value]))
}
