import { type AnnotatedItem, type DatasetContent, type DatasetView, GROUND_TRUTH } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid, unknownName } from '../errors.ts'
import { isFolderName } from '../items/map-subsets.ts'
import { rekeyItems } from '../items/rekey-items.ts'
import type { Step, StepContext } from '../step.ts'
import { hashPlace } from './hash-place.ts'
import { reportSubsets, SUBSETS_REPORT } from './report-subsets.ts'
import { seedOf } from './select-options.ts'
import { type UncertaintyMeasure, uncertaintyOf } from './uncertainty.ts'

const NAME = 'sample'

/** Among how many times as many random items the least sure ones are taken. */
const RANDOM_POOL = 3

/** Keeps some items. */
export const sample: Step = defineStep({
  name: NAME,
  summary: 'Keep some items: at random, some of each category, or those a model is unsure of',
  report: SUBSETS_REPORT,
  options: {
    count: { type: 'number', describe: 'How many items' },
    fraction: { type: 'number', describe: 'Which part of the items, 0…1' },
    'per-category': {
      type: 'map',
      describe: 'At least so many annotations of a category, * for all others',
    },
    by: {
      type: 'string',
      choices: ['random', 'entropy', 'margin', 'least-confidence'],
      describe:
        'What decides: chance, or how unsure the scores of the layer are; random by default',
    },
    method: {
      type: 'string',
      choices: ['topk', 'lowk', 'randk', 'mixk', 'randtopk'],
      describe:
        'The least sure (default), the surest, any, half of each, or the least sure of three times as many random ones',
    },
    layer: { type: 'string', describe: 'Whose annotations count; ground_truth by default' },
    from: { type: 'list', describe: 'Only items of these subsets; all by default, others stay' },
    rest: { type: 'string', describe: 'The subset that the others go to; without it they go' },
    seed: { type: 'number', describe: 'Another whole number gives another sample; 0 by default' },
  },
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    for (const name of options.from ?? [])
      if (!view.subsets.includes(name)) throw unknownName(NAME, 'from', name, view.subsets)
    if (options.rest !== undefined && !isFolderName(options.rest))
      throw optionInvalid(NAME, 'rest', 'is a name that no folder can have')
    const from = new Set(options.from ?? view.subsets)
    const by = options.by ?? 'random'
    const method = options.method ?? 'topk'
    if (by === 'random' && options.method !== undefined)
      throw optionInvalid(NAME, 'method', 'needs scores', 'Give --by entropy, for one.')
    const layer = options.layer ?? GROUND_TRUTH
    const needs = neededOf(view, options['per-category'] ?? {})
    const pool = await gather(view, from, {
      seed: seedOf(NAME, options.seed),
      measure: by === 'random' ? undefined : by,
      layer,
      needs,
      context,
    })
    if (by !== 'random' && pool.places.length > 0 && pool.scores.every(Number.isNaN))
      throw optionInvalid(
        NAME,
        'layer',
        `is ${layer}, where no annotation has a score`,
        'Name the layer of predictions with --layer.',
      )
    const wanted = wantedOf(options, pool.places.length, needs.size > 0)
    const taken = takePerCategory(pool, needs, context)
    const order = by === 'random' ? byChance(pool) : byScore(pool, method, wanted)
    for (const index of order) {
      if (taken.size >= wanted) break
      taken.add(index)
    }
    const { rest } = options
    let index = 0
    const items = rekeyItems(NAME, view, ({ subset, id }, place) => {
      if (place === 0) index = 0
      if (!from.has(subset) || taken.has(index++)) return { subset, id }
      return rest === undefined ? undefined : { subset: rest, id }
    })
    return { schema: view.schema, items: reportSubsets(items, context) }
  },
})

/** How many annotations of each category are needed, by key. */
function neededOf(
  { schema }: Pick<DatasetView, 'schema'>,
  wanted: Readonly<Record<string, string>>,
): ReadonlyMap<string, number> {
  const names = schema.categories.map(({ name }) => name)
  for (const [name, text] of Object.entries(wanted)) {
    if (name !== '*' && !names.includes(name)) throw unknownName(NAME, 'per-category', name, names)
    if (!/^\d{1,9}$/u.test(text))
      throw optionInvalid(NAME, 'per-category', `gives ${name} no whole number`)
  }
  return new Map(
    schema.categories
      .map(({ key, name }) => {
        const text = Object.hasOwn(wanted, name) ? wanted[name] : wanted['*']
        return [key, Number(text ?? 0)] as const
      })
      .filter(([, count]) => count > 0),
  )
}

function wantedOf(
  {
    count,
    fraction,
  }: { readonly count: number | undefined; readonly fraction: number | undefined },
  items: number,
  hasNeeds: boolean,
): number {
  if (count !== undefined && fraction !== undefined)
    throw optionInvalid(NAME, 'count', 'is given, and a fraction too')
  if (count !== undefined) {
    if (!Number.isSafeInteger(count) || count < 0)
      throw optionInvalid(NAME, 'count', `is ${count}, no number of items`)
    return count
  }
  if (fraction !== undefined) {
    if (!(fraction >= 0 && fraction <= 1))
      throw optionInvalid(NAME, 'fraction', `is ${fraction}, not from 0 to 1`)
    return Math.round(fraction * items)
  }
  if (!hasNeeds)
    throw optionInvalid(NAME, 'count', 'is missing', 'Give --count, --fraction or --per-category.')
  return 0
}

/** What is sampled from; 16 bytes an item, and 24 for each category that it says and that is asked for. */
interface Pool {
  readonly places: readonly number[]
  /** NaN where nothing has a score. */
  readonly scores: readonly number[]
  /** For each category that is needed, the items that say it, and how often. */
  readonly said: ReadonlyMap<string, readonly { readonly index: number; readonly count: number }[]>
}

async function gather(
  view: DatasetView,
  from: ReadonlySet<string>,
  {
    seed,
    measure,
    layer,
    needs,
    context,
  }: {
    readonly seed: number
    readonly measure: UncertaintyMeasure | undefined
    readonly layer: string
    readonly needs: ReadonlyMap<string, number>
    readonly context: StepContext
  },
): Promise<Pool> {
  const [places, scores]: [number[], number[]] = [[], []]
  const said = new Map(
    [...needs.keys()].map((key) => [key, [] as { index: number; count: number }[]]),
  )
  for await (const item of view.items()) {
    if (!from.has(item.subset)) continue
    const index = places.length
    places.push(hashPlace(NAME, seed, item.id))
    const annotations = item.layers[layer] ?? []
    for (const [category, count] of countsOf(annotations))
      said.get(category)?.push({ index, count })
    if (measure === undefined) continue
    const score = uncertaintyOf(annotations, measure)
    if (score === undefined) context.onNote({ what: 'item without scores', where: nameOf(item) })
    scores.push(score ?? Number.NaN)
  }
  return { places, scores, said }
}

function countsOf(
  annotations: readonly { readonly category?: string }[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { category } of annotations)
    if (category !== undefined) counts.set(category, (counts.get(category) ?? 0) + 1)
  return counts
}

function nameOf({ subset, id }: Pick<AnnotatedItem, 'subset' | 'id'>): string {
  return `${subset}/${id}`
}

/** The category that is said least comes first, so that its items help with the others. */
function takePerCategory(
  { places, said }: Pool,
  needs: ReadonlyMap<string, number>,
  { onNote }: StepContext,
): Set<number> {
  const taken = new Set<number>()
  const rarestFirst = [...said].toSorted(
    ([a, inA], [b, inB]) => inA.length - inB.length || (a < b ? -1 : 1),
  )
  for (const [category, items] of rarestFirst) {
    const needed = needs.get(category) ?? 0
    let have = items.reduce((sum, { index, count }) => (taken.has(index) ? sum + count : sum), 0)
    const order = items.toSorted(
      (a, b) => (places[a.index] ?? 0) - (places[b.index] ?? 0) || a.index - b.index,
    )
    for (const { index, count } of order) {
      if (have >= needed) break
      if (taken.has(index)) continue
      taken.add(index)
      have += count
    }
    if (have < needed)
      onNote({ what: 'category with fewer annotations than asked for', where: category })
  }
  return taken
}

function byChance({ places }: Pool): readonly number[] {
  return [...places.keys()].toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0) || a - b)
}

/** Items that have scores, in the order in which they are taken. */
function byScore(pool: Pool, method: string, wanted: number): readonly number[] {
  const { scores, places } = pool
  const random = byChance(pool).filter((index) => !Number.isNaN(scores[index]))
  const unsureFirst = (indexes: readonly number[]): readonly number[] =>
    indexes.toSorted(
      (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || (places[a] ?? 0) - (places[b] ?? 0) || a - b,
    )
  switch (method) {
    case 'lowk':
      return unsureFirst(random).toReversed()
    case 'randk':
      return random
    case 'mixk': {
      const sorted = unsureFirst(random)
      return sorted.map((_, rank) => sorted.at(rank % 2 === 0 ? rank / 2 : -(rank + 1) / 2) ?? 0)
    }
    case 'randtopk':
      return unsureFirst(random.slice(0, RANDOM_POOL * wanted))
    default:
      return unsureFirst(random)
  }
}
