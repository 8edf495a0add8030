import { NEAR_DUPLICATE_DISTANCE } from '@dsv/analysis'
import {
  type AnnotatedItem,
  type AnnotationType,
  type DatasetContent,
  type DatasetView,
  GROUND_TRUTH,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid, unknownName } from '../errors.ts'
import { rekeyItems } from '../items/rekey-items.ts'
import type { Step, StepContext } from '../step.ts'
import { dealUnits, type Statements } from './deal-units.ts'
import { groupItems, type GroupRule, parseGroupRules } from './group-items.ts'
import { hashPlace } from './hash-place.ts'
import { parseShares } from './parse-shares.ts'
import { reportSubsets, SUBSETS_REPORT } from './report-subsets.ts'
import { distanceOf, seedOf } from './select-options.ts'

const NAME = 'split'

/** The types that count for a task; undefined is all of them. */
const TASKS: Readonly<Record<string, ReadonlySet<AnnotationType> | undefined>> = {
  classification: new Set<AnnotationType>(['label']),
  detection: new Set<AnnotationType>(['box', 'rotated-box', 'quad']),
  segmentation: new Set<AnnotationType>(['polygon', 'mask', 'panoptic-segment']),
}

/** Puts items into subsets by shares. */
export const split: Step = defineStep({
  name: NAME,
  summary: 'Put items into subsets: at random, evenly by category, in groups',
  report: SUBSETS_REPORT,
  options: {
    ratio: {
      type: 'map',
      describe: 'The share of each subset: fractions of 1, numbers of items, * for the rest',
      isRequired: true,
    },
    stratify: {
      type: 'string',
      choices: ['none', 'classification', 'detection', 'segmentation', 'any'],
      describe: 'Every subset gets its share of each category of such annotations; none by default',
    },
    'group-by': {
      type: 'list',
      describe:
        'What stays together: attribute:<name>, tag, tag:<beginning>, folder, track, label, tile, near-duplicates',
    },
    distance: {
      type: 'number',
      describe: 'For near-duplicates: in how many of 64 bits they may differ; 6 by default',
    },
    from: { type: 'list', describe: 'Only items of these subsets; all by default' },
    'keep-assigned': {
      type: 'boolean',
      describe: 'Items that are in one of the subsets already stay there',
    },
    query: {
      type: 'map',
      describe:
        'The fraction of each group of a subset that becomes <subset>-query; the rest becomes <subset>-gallery',
    },
    layer: { type: 'string', describe: 'Whose annotations count; ground_truth by default' },
    seed: { type: 'number', describe: 'Another whole number gives another split; 0 by default' },
  },
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const shares = parseShares(NAME, options.ratio)
    const query = parseQuery(options.query ?? {}, shares.names)
    if (query.size > 0 && options['group-by'] === undefined)
      throw optionInvalid(NAME, 'query', 'needs groups', 'Give --group-by attribute:<name> too.')
    for (const name of options.from ?? [])
      if (!view.subsets.includes(name)) throw unknownName(NAME, 'from', name, view.subsets)
    const from = new Set(options.from ?? view.subsets)
    const part = {
      items: async function* chosen(): AsyncGenerator<AnnotatedItem> {
        for await (const item of view.items()) if (from.has(item.subset)) yield item
      },
    }
    const task = options.stratify ?? 'none'
    const gathered = await gather(part, context, {
      names: shares.names,
      rules: parseGroupRules(NAME, options['group-by'] ?? []),
      task,
      layer: options.layer ?? GROUND_TRUTH,
      distance: distanceOf(NAME, options.distance) ?? NEAR_DUPLICATE_DISTANCE,
      seed: seedOf(NAME, options.seed),
      keepsAssigned: options['keep-assigned'] ?? false,
    })
    const quotas = shares.quotasOf(gathered.unitAt.length)
    const dealt = await dealUnits(gathered, quotas, context.signal)
    const names = subsetNames(gathered, dealt, shares.names, query)
    let chosen = 0
    const items = rekeyItems(NAME, view, ({ subset, id }, place) => {
      if (place === 0) chosen = 0
      return { subset: from.has(subset) ? (names(chosen++) ?? subset) : subset, id }
    })
    return { schema: view.schema, items: reportSubsets(items, context) }
  },
})

function parseQuery(
  query: Readonly<Record<string, string>>,
  subsets: readonly string[],
): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(query).map(([name, text]) => {
      if (!subsets.includes(name)) throw unknownName(NAME, 'query', name, subsets)
      const fraction = Number(text)
      if (text.trim() === '' || !(fraction > 0 && fraction < 1))
        throw optionInvalid(NAME, 'query', `gives ${name} no fraction between 0 and 1`)
      return [name, fraction] as const
    }),
  )
}

interface Request {
  readonly names: readonly string[]
  readonly rules: readonly GroupRule[]
  readonly task: string
  readonly layer: string
  readonly distance: number
  readonly seed: number
  readonly keepsAssigned: boolean
}

/** What is dealt, and of which unit each item is; about 30 bytes an item, and 24 for each category that it says. */
interface Gathered {
  readonly unitAt: readonly number[]
  /** Where each item stands by itself. */
  readonly itemPlaces: readonly number[]
  readonly places: Float64Array
  readonly sizes: Uint32Array
  readonly assigned: Int32Array
  readonly statements: Statements
}

async function gather(
  view: Pick<DatasetView, 'items'>,
  context: StepContext,
  { names, rules, task, layer, distance, seed, keepsAssigned }: Request,
): Promise<Gathered> {
  const groups =
    rules.length > 0 ? await groupItems(view, rules, { layer, distance }, context) : undefined
  const [unitAt, itemPlaces]: [number[], number[]] = [[], []]
  const [places, sizes]: [number[], number[]] = [[], []]
  const unitOfFirst = new Map<number, number>()
  const votes = new Map<number, number[]>()
  const statements = statementTable()
  for await (const item of view.items()) {
    const place = unitAt.length
    const first = groups?.firsts[place] ?? place
    const known = unitOfFirst.get(first)
    const unit = known ?? sizes.length
    if (known === undefined) {
      if (groups !== undefined) unitOfFirst.set(first, unit)
      places.push(hashPlace(NAME, seed, groups?.nameAt(item, place) ?? item.id))
      sizes.push(0)
    }
    unitAt.push(unit)
    if (groups !== undefined) itemPlaces.push(hashPlace(NAME, seed, item.id))
    sizes[unit] = (sizes[unit] ?? 0) + 1
    if (task !== 'none') statements.add(unit, labelsOf(item, task, layer))
    const subset = keepsAssigned ? names.indexOf(item.subset) : -1
    if (subset < 0) continue
    const counts = votes.get(unit) ?? names.map(() => 0)
    counts[subset] = (counts[subset] ?? 0) + 1
    votes.set(unit, counts)
  }
  const assigned = new Int32Array(sizes.length).fill(-1)
  for (const [unit, counts] of votes) {
    // A group that lies in several subsets joins the one that has most of it.
    assigned[unit] = counts.indexOf(Math.max(...counts))
  }
  return {
    unitAt,
    itemPlaces,
    places: Float64Array.from(places),
    sizes: Uint32Array.from(sizes),
    assigned,
    statements: statements.finish(),
  }
}

/** How often an item says each category; whether at all, for classification. */
function labelsOf(item: AnnotatedItem, task: string, layer: string): ReadonlyMap<string, number> {
  const types = TASKS[task]
  const counts = new Map<string, number>()
  for (const { type, category } of item.layers[layer] ?? []) {
    if (category === undefined || types?.has(type) === false) continue
    counts.set(category, task === 'classification' ? 1 : (counts.get(category) ?? 0) + 1)
  }
  return counts
}

/** Gathers what units say; the labels are numbered in the order of their names. */
function statementTable(): {
  readonly add: (unit: number, labels: ReadonlyMap<string, number>) => void
  readonly finish: () => Statements
} {
  const numbers = new Map<string, number>()
  const [unit, label, count]: [number[], number[], number[]] = [[], [], []]
  return {
    add: (said, labels) => {
      for (const [name, times] of labels) {
        const number = numbers.get(name) ?? numbers.size
        numbers.set(name, number)
        unit.push(said)
        label.push(number)
        count.push(times)
      }
    },
    finish: () => {
      const ranks: number[] = []
      for (const [rank, name] of [...numbers.keys()].toSorted().entries())
        ranks[numbers.get(name) ?? 0] = rank
      return { unit, label: label.map((number) => ranks[number] ?? 0), count }
    },
  }
}

/** The name of the subset of the item at a place among those that are split. */
function subsetNames(
  { unitAt, itemPlaces, sizes }: Gathered,
  dealt: Int32Array,
  names: readonly string[],
  query: ReadonlyMap<string, number>,
): (place: number) => string | undefined {
  const nameAt = (place: number): string | undefined => names[dealt[unitAt[place] ?? 0] ?? 0]
  if (query.size === 0) return nameAt
  const members = new Map<number, number[]>()
  for (const [place, unit] of unitAt.entries()) {
    if (!query.has(nameAt(place) ?? '')) continue
    const all = members.get(unit) ?? []
    all.push(place)
    members.set(unit, all)
  }
  const isQuery = new Set<number>()
  for (const [unit, all] of members) {
    const fraction = query.get(nameAt(all[0] ?? 0) ?? '') ?? 0
    const size = sizes[unit] ?? 0
    // Who is looked for must be found: of each group one stays in the gallery.
    const count = Math.min(size - 1, Math.max(1, Math.round(fraction * size)))
    const order = all.toSorted((a, b) => (itemPlaces[a] ?? 0) - (itemPlaces[b] ?? 0) || a - b)
    for (const place of order.slice(0, count)) isQuery.add(place)
  }
  return (place) => {
    const name = nameAt(place)
    if (name === undefined || !query.has(name)) return name
    return `${name}-${isQuery.has(place) ? 'query' : 'gallery'}`
  }
}
