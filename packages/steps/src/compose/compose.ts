import {
  type AnnotatedItem,
  type DatasetContent,
  isEqual,
  type ItemKey,
  type Json,
  type Schema,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { datasetsConflict, itemsCollide, optionInvalid } from '../errors.ts'
import { keyPrint } from '../items/rekey-items.ts'
import { mapAnnotations } from '../map-items.ts'
import type { Step, StepContext } from '../step.ts'
import { datasetNames } from './dataset-names.ts'
import {
  type ComposeRules,
  type CompositionPlan,
  newSubset,
  type Part,
  planComposition,
  type Twin,
} from './plan-composition.ts'
import { renamedMedia } from './renamed-media.ts'
import { uniteAnnotations } from './unite-annotations.ts'
import { type UnitedSchema, uniteSchemas } from './unite-schemas.ts'

/** Makes one dataset of several. Memory: see {@link planComposition}; a number for each item that gets a new name. */
export const compose: Step = defineStep({
  name: 'compose',
  summary: 'Make one dataset of several, and keep where each item came from',
  inputs: 'many',
  result: 'new',
  report: 'what came from where, and what the datasets disagree on',
  options: {
    prefix: {
      type: 'string',
      choices: ['collisions', 'always', 'never'],
      describe: 'Which items get the name of their dataset before their id; collisions by default',
    },
    number: { type: 'boolean', describe: 'Call the items 000001, 000002 and so on instead' },
    duplicates: {
      type: 'string',
      choices: ['merge', 'keep', 'drop'],
      describe:
        'Items of two datasets with the same media: become one with the annotations of both, stay, or only the first stays; merge by default',
    },
    subsets: {
      type: 'string',
      choices: ['keep', 'dataset'],
      describe: 'Whether each dataset becomes a subset; keep by default',
    },
    conflicts: {
      type: 'string',
      choices: ['report', 'fail'],
      describe: 'What to do when datasets disagree on categories or items; report by default',
    },
  },
  apply: async (inputs, options, context): Promise<DatasetContent> => {
    if (inputs.length === 0) throw optionInvalid('compose', 'inputs', 'needs a dataset')
    const names = datasetNames(inputs.map(({ path }) => path))
    const parts = inputs.map((input, at): Part => ({ ...input, name: names[at] ?? '' }))
    const isStrict = options.conflicts === 'fail'
    const rules: ComposeRules = {
      prefix: options.prefix ?? (isStrict ? 'never' : 'collisions'),
      isNumbered: options.number ?? false,
      duplicates: options.duplicates ?? 'merge',
      subsets: options.subsets ?? 'keep',
    }
    const united = uniteSchemas(inputs.map(({ view }) => view.schema))
    const conflicts = conflictList(context, isStrict)
    for (const { what, name, schemas } of united.conflicts)
      conflicts.add({ what, name, datasets: schemas.map((at) => parts[at]?.path ?? '') })
    const plan = await planComposition(parts, rules, context.signal)
    const composition = { parts, rules, united, plan, conflicts }
    return {
      schema: withParts(united.schema, parts),
      items: composedItems(composition, context),
    }
  },
})

/** Something that two datasets say differently. */
interface Conflict {
  readonly what: string
  /** A category, an attribute, an item. */
  readonly name: string
  /** Their paths; the first is followed. */
  readonly datasets: readonly string[]
}

/** Conflicts so far; the first 10,000 are kept. */
interface ConflictList {
  add(conflict: Conflict): void
  readonly found: readonly Conflict[]
}

const MAX_CONFLICTS = 10_000

function conflictList({ onNote }: StepContext, isStrict: boolean): ConflictList {
  const found: Conflict[] = []
  return {
    found,
    add: (conflict) => {
      const { what, name, datasets } = conflict
      if (isStrict) throw datasetsConflict(what, name, datasets)
      if (found.length < MAX_CONFLICTS) found.push(conflict)
      onNote({ what: `conflict: ${what}`, where: name })
    },
  }
}

/** The schema says once which versions went in; items only say the path, so that they stay as they are. */
function withParts(schema: Schema, parts: readonly Part[]): Schema {
  const made = parts.map(({ path, datasetId }) => ({
    dataset: path,
    ...(datasetId !== undefined && { version: datasetId }),
  }))
  return { ...schema, info: { ...schema.info, compose: { parts: made } } }
}

interface Composition {
  readonly parts: readonly Part[]
  readonly rules: ComposeRules
  readonly united: UnitedSchema
  readonly plan: CompositionPlan
  readonly conflicts: ConflictList
}

async function* composedItems(
  composition: Composition,
  { onReport }: StepContext,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const { parts, plan, conflicts, rules } = composition
  const nameItem = itemNames(composition)
  const counts = parts.map(() => ({ items: 0, duplicates: 0, renamed: 0 }))
  for (const [at, part] of parts.entries()) {
    const count = counts[at]
    for await (const item of part.view.items()) {
      const twins = plan.twinsOf(part, item)
      if (count === undefined) continue
      if (twins === undefined) {
        count.duplicates++
        continue
      }
      count.items++
      const key = nameItem(part, item)
      if (key.id !== item.id) count.renamed++
      const own = asPart(composition, at, item)
      const whole =
        rules.duplicates === 'merge' ? await withTwins(composition, own, part, twins) : own
      yield {
        ...whole,
        ...key,
        media: renamedMedia(item.media, item.id, key.id, part.name),
        extra: { ...item.extra, compose: originOf(part, item, twins) },
      }
    }
  }
  onReport?.({
    value: {
      parts: parts.map(({ path, name, datasetId }, at) => ({
        dataset: path,
        name,
        ...(datasetId !== undefined && { version: datasetId }),
        ...counts[at],
      })),
      conflicts: conflicts.found.map((conflict) => ({ ...conflict })),
    },
    lines: parts.map(({ path }, at) => {
      const { items = 0, duplicates = 0, renamed = 0 } = counts[at] ?? {}
      const verb = rules.duplicates === 'drop' ? 'left out' : 'merged'
      return [
        `${path || '.'}: ${items} ${items === 1 ? 'item' : 'items'}`,
        ...(duplicates > 0 ? [`${duplicates} ${verb} as duplicates`] : []),
        ...(renamed > 0 ? [`${renamed} renamed`] : []),
      ].join(', ')
    }),
  })
}

/** Where an item came from, and the others that show the same. */
function originOf(part: Part, item: AnnotatedItem, twins: readonly Twin[]): Json {
  const before = item.extra?.['compose']
  return {
    dataset: part.path,
    subset: item.subset,
    id: item.id,
    ...(twins.length > 0 && {
      also: twins.map((twin) => ({ dataset: twin.part.path, subset: twin.subset, id: twin.id })),
    }),
    ...(before !== undefined && { before }),
  }
}

/** Returns the function that names items; called once for each, in order. */
function itemNames({ plan, rules }: Composition): (part: Part, item: AnnotatedItem) => ItemKey {
  const given = new Set<number>()
  const owners = new Map<string, string>()
  const digits = Math.max(6, String(plan.items).length)
  let number = 0
  return (part, item) => {
    const subset = newSubset(part, item, rules.subsets)
    if (rules.isNumbered) return { subset, id: String(++number).padStart(digits, '0') }
    const wish = { subset, id: item.id }
    const isShared = rules.prefix !== 'always' && plan.isShared(item, wish)
    if (rules.prefix === 'never') {
      if (isShared) checkFree(owners, part, item, wish)
      return wish
    }
    if (rules.prefix === 'collisions' && !isShared) return wish
    const short = `${part.name}-${item.id}`
    const long = `${part.name}-${item.subset}-${item.id}`
    for (let count = 1; ; count++) {
      const candidates = count === 1 ? [short, long] : [`${long}-${count}`]
      for (const id of candidates) {
        const key = { subset, id }
        const print = keyPrint(key)
        if (given.has(print) || plan.isWanted(key)) continue
        given.add(print)
        return key
      }
    }
  }
}

function checkFree(
  owners: Map<string, string>,
  part: Part,
  item: AnnotatedItem,
  { subset, id }: ItemKey,
): void {
  const text = `${subset}\0${id}`.normalize('NFC')
  const name = `${part.path || '.'}: ${item.subset}/${item.id}`
  const owner = owners.get(text)
  if (owner !== undefined) throw itemsCollide('compose', `${subset}/${id}`, [owner, name])
  owners.set(text, name)
}

/** The item in the words of the united schema, with tracks that no other part has. */
function asPart({ united, plan }: Composition, at: number, item: AnnotatedItem): AnnotatedItem {
  const keys = united.keysOf[at]
  const newTrack = plan.newTrack[at]
  return mapAnnotations(item, (annotation) => {
    const key = annotation.category === undefined ? undefined : keys?.get(annotation.category)
    const track = annotation.track === undefined ? undefined : newTrack?.(annotation.track)
    if (key === annotation.category && track === annotation.track) return annotation
    return {
      ...annotation,
      ...(key !== undefined && { category: key }),
      ...(track !== undefined && { track }),
    }
  })
}

async function withTwins(
  composition: Composition,
  own: AnnotatedItem,
  part: Part,
  twins: readonly Twin[],
): Promise<AnnotatedItem> {
  let whole = own
  for (const twin of twins) {
    const found = await twin.part.view.item(twin)
    if (found === undefined) continue
    const other = asPart(composition, composition.parts.indexOf(twin.part), found)
    const differs = (what: string): void =>
      composition.conflicts.add({
        what,
        name: `${own.subset}/${own.id}`,
        datasets: [part.path, twin.part.path],
      })
    if (other.subset !== own.subset && composition.rules.subsets === 'keep') differs('subset')
    whole = unitedItem(whole, other, differs)
  }
  return whole
}

function unitedItem(
  own: AnnotatedItem,
  other: AnnotatedItem,
  differs: (what: string) => void,
): AnnotatedItem {
  const names = new Set([...Object.keys(own.layers), ...Object.keys(other.layers)])
  const layers = [...names].map(
    (layer) =>
      [
        layer,
        uniteAnnotations(own, layer, own.layers[layer] ?? [], other.layers[layer] ?? []),
      ] as const,
  )
  const known = new Map(Object.entries(own.attributes ?? {}))
  for (const [name, value] of Object.entries(other.attributes ?? {}))
    if (known.has(name) && !isEqual(known.get(name), value)) differs(`item attribute ${name}`)
  const attributes = { ...other.attributes, ...own.attributes }
  const tags = [...new Set([...(own.tags ?? []), ...(other.tags ?? [])])]
  return {
    ...own,
    layers: Object.fromEntries(layers),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(tags.length > 0 && { tags }),
  }
}
