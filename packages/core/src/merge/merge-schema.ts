import { isEqual } from '../diff/is-equal.ts'
import type { Keyed } from '../diff/keyed-list.ts'
import { ATTRIBUTE_KIND, CATEGORY_KIND } from '../diff/diff-schema.ts'
import { recordFields, recordOf } from '../diff/record-fields.ts'
import type { AttributeDefinition, Category, Schema } from '../model/schema.ts'
import { isAttributeDefinition, isCategory } from '../record/schema-record.ts'
import type { MergeOptions, MergeOutcome, SchemaConflict } from './conflict.ts'
import { mergeFields, mergeValue } from './merge-fields.ts'
import { mergeOrder } from './merge-order.ts'

/** A category whose id in a format had to change, because both sides gave one id to new categories. */
export interface SourceIdChange {
  readonly category: string
  readonly format: string
  readonly from: number | string
  readonly to: number | string
}

/** A merged schema. */
export interface SchemaOutcome extends MergeOutcome<Schema> {
  readonly sourceIdChanges: readonly SourceIdChange[]
}

/**
 * Merges two schemas: categories by key, attributes by name, info by format; each field follows the
 * side that changed it. Two sides that add the same category agree as far as they say the same. Where
 * two new categories claim one id of a format, the one that theirs added gets the next free id.
 */
export function mergeSchema(
  base: Schema,
  ours: Schema,
  theirs: Schema,
  options: MergeOptions = {},
): SchemaOutcome {
  const categories = mergeList(
    [base.categories, ours.categories, theirs.categories],
    CATEGORIES,
    options,
  )
  const attributes = mergeList(
    [base.attributes, ours.attributes, theirs.attributes],
    ATTRIBUTES,
    options,
  )
  const info = mergeInfo(base, ours, theirs, options)
  const { resolved, sourceIdChanges } = resolveSourceIds(categories.merged, base, ours)
  return {
    merged: { categories: resolved, attributes: attributes.merged, info: info.merged },
    conflicts: [...categories.conflicts, ...attributes.conflicts, ...info.conflicts],
    sourceIdChanges,
  }
}

interface Part<T> {
  readonly name: SchemaConflict['part']
  readonly kind: Keyed<T>
  readonly isWhole: (value: unknown) => value is T
}

const CATEGORIES: Part<Category> = {
  name: 'category',
  kind: CATEGORY_KIND,
  isWhole: isCategory,
}

const ATTRIBUTES: Part<AttributeDefinition> = {
  name: 'attribute',
  kind: ATTRIBUTE_KIND,
  isWhole: isAttributeDefinition,
}

function mergeList<T extends Category | AttributeDefinition>(
  [base, ours, theirs]: readonly [readonly T[], readonly T[], readonly T[]],
  part: Part<T>,
  options: MergeOptions,
): { readonly merged: readonly T[]; readonly conflicts: readonly SchemaConflict[] } {
  const byKey = (list: readonly T[]): Map<string, T> =>
    new Map(list.map((value) => [part.kind.keyOf(value), value]))
  const [old, left, right] = [byKey(base), byKey(ours), byKey(theirs)]
  const merged = new Map<string, T>()
  const conflicts: SchemaConflict[] = []
  for (const key of [...new Set([...left.keys(), ...right.keys()])].toSorted()) {
    const sides = { base: old.get(key), ours: left.get(key), theirs: right.get(key) }
    const { value, fields } = mergeOne(sides, part, options)
    if (value !== undefined) merged.set(key, value)
    if (fields !== undefined) conflicts.push(schemaConflict(part.name, key, fields, sides))
  }
  const order = mergeOrder([...old.keys()], [...left.keys()], [...right.keys()], (key) =>
    merged.has(key),
  )
  return { merged: order.flatMap((key) => merged.get(key) ?? []), conflicts }
}

interface Sides<T> {
  readonly base: T | undefined
  readonly ours: T | undefined
  readonly theirs: T | undefined
}

function mergeOne<T extends Category | AttributeDefinition>(
  { base, ours, theirs }: Sides<T>,
  part: Part<T>,
  { favour }: MergeOptions,
): { readonly value: T | undefined; readonly fields?: readonly string[] } {
  if (ours === undefined || theirs === undefined) {
    const kept = ours ?? theirs
    if (base === undefined) return { value: kept }
    if (isEqual(kept, base)) return { value: undefined }
    const value = favour === 'theirs' ? theirs : ours
    return favour === undefined ? { value, fields: [] } : { value }
  }
  const { merged, conflicts } = mergeFields(
    recordFields(base ?? {}),
    recordFields(ours),
    recordFields(theirs),
    favour,
  )
  const value: unknown = recordOf(merged)
  if (!part.isWhole(value)) throw new Error(`A ${part.name} was put together wrongly`)
  return conflicts.length === 0 ? { value } : { value, fields: conflicts }
}

function mergeInfo(
  base: Schema,
  ours: Schema,
  theirs: Schema,
  { favour }: MergeOptions,
): { readonly merged: Schema['info']; readonly conflicts: readonly SchemaConflict[] } {
  const merged = new Map<string, Schema['info'][string]>()
  const conflicts: SchemaConflict[] = []
  const [old, left, right] = [base, ours, theirs].map(({ info }) => new Map(Object.entries(info)))
  const formats = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])
  for (const format of [...formats].toSorted()) {
    const sides = { base: old?.get(format), ours: left?.get(format), theirs: right?.get(format) }
    const value = mergeValue(sides.base, sides.ours, sides.theirs, favour)
    if (value.merged !== undefined) merged.set(format, value.merged)
    if (value.isConflict) conflicts.push(schemaConflict('info', format, ['info'], sides))
  }
  return { merged: Object.fromEntries(merged), conflicts }
}

function schemaConflict(
  part: SchemaConflict['part'],
  key: string,
  fields: readonly string[],
  sides: Sides<NonNullable<SchemaConflict['base']>> | Sides<SchemaConflict['base']>,
): SchemaConflict {
  return {
    kind: 'schema',
    where: '',
    key,
    part,
    fields,
    base: sides.base ?? null,
    ours: sides.ours ?? null,
    theirs: sides.theirs ?? null,
  }
}

/** Only categories that are new on their side give way; ids that stood in the base never change. */
function resolveSourceIds(
  merged: readonly Category[],
  base: Schema,
  ours: Schema,
): {
  readonly resolved: readonly Category[]
  readonly sourceIdChanges: readonly SourceIdChange[]
} {
  const settled = new Set([...base.categories, ...ours.categories].map(({ key }) => key))
  const used = new Map<string, Set<number | string>>()
  const usedIn = (format: string): Set<number | string> => {
    const known = used.get(format) ?? new Set()
    used.set(format, known)
    return known
  }
  for (const category of merged) {
    if (!settled.has(category.key)) continue
    for (const [format, id] of Object.entries(category.sourceIds ?? {})) usedIn(format).add(id)
  }
  const sourceIdChanges: SourceIdChange[] = []
  const resolved = merged.map((category) => {
    if (settled.has(category.key) || category.sourceIds === undefined) return category
    const ids = Object.entries(category.sourceIds).map(([format, id]) => {
      const taken = usedIn(format)
      const free = taken.has(id) ? freeId(id, taken, merged, format) : id
      taken.add(free)
      if (free !== id) sourceIdChanges.push({ category: category.key, format, from: id, to: free })
      return [format, free] as const
    })
    return { ...category, sourceIds: Object.fromEntries(ids) }
  })
  return { resolved, sourceIdChanges }
}

function freeId(
  id: number | string,
  taken: ReadonlySet<number | string>,
  merged: readonly Category[],
  format: string,
): number | string {
  const claimed = new Set(merged.map(({ sourceIds }) => sourceIds?.[format]))
  const isFree = (candidate: number | string): boolean =>
    !taken.has(candidate) && !claimed.has(candidate)
  if (typeof id === 'number') {
    const numbers = [...taken, ...claimed].filter((value) => typeof value === 'number')
    const next = numbers.reduce((highest, value) => Math.max(highest, value), 0) + 1
    if (Number.isSafeInteger(next)) return next
  }
  let ordinal = 2
  while (!isFree(`${id}-${ordinal}`)) ordinal++
  return `${id}-${ordinal}`
}
