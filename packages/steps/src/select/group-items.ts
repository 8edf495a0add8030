import { findDuplicates, joinedSets } from '@dsv/analysis'
import type { AnnotatedItem, AttributeValue, DatasetView } from '@dsv/core'
import { optionInvalid } from '../errors.ts'
import { tileOriginOf } from '../pixels/tile-origin.ts'
import type { StepContext } from '../step.ts'

/** Which items belong together. */
export interface ItemGroups {
  /** For each item, in the order of the view, the place of the first of its group. */
  readonly firsts: Uint32Array
  /** The name of the group of an item: what its members share, or the smallest of their ids. */
  readonly nameAt: (item: AnnotatedItem, place: number) => string
}

/** What items may have in common: `attribute:patient`, `tag`, `tag:session-`, `folder`, `track`, `label`, `tile`, `near-duplicates`. */
export interface GroupRule {
  readonly kind: (typeof KINDS)[number]
  readonly argument: string
}

const KINDS = ['attribute', 'tag', 'folder', 'track', 'label', 'tile', 'near-duplicates'] as const

/** Returns the rules of `--group-by`. @throws `DSV_OPTION_INVALID` */
export function parseGroupRules(step: string, texts: readonly string[]): readonly GroupRule[] {
  return texts.map((text) => {
    const [name = '', ...rest] = text.split(':')
    const kind = KINDS.find((each) => each === name)
    const argument = rest.join(':')
    const takesArgument = kind === 'attribute' || kind === 'tag'
    const isWhole = kind === 'attribute' ? argument !== '' : takesArgument || rest.length === 0
    if (kind === undefined || !isWhole)
      throw optionInvalid(
        step,
        'group-by',
        `is ${JSON.stringify(text.slice(0, 100))}`,
        'Give attribute:<name>, tag, tag:<beginning>, folder, track, label, tile or near-duplicates.',
      )
    return { kind, argument }
  })
}

/**
 * Groups items that share something by any of the rules, directly or through others. Goes over the view twice, and once more for
 * near-duplicates. Memory: four bytes an item, and the text of each thing that items share.
 */
export async function groupItems(
  view: Pick<DatasetView, 'items'>,
  rules: readonly GroupRule[],
  { layer, distance }: { readonly layer: string; readonly distance: number },
  context: StepContext,
): Promise<ItemGroups> {
  const owners = new Map<string, number>()
  const pairs: number[] = []
  let count = 0
  for await (const item of view.items()) {
    for (const text of sharedTexts(item, rules, layer)) {
      const owner = owners.get(text)
      if (owner === undefined) owners.set(text, count)
      else pairs.push(owner, count)
    }
    count++
  }
  const sets = joinedSets(count)
  for (let at = 0; at < pairs.length; at += 2) sets.join(pairs[at] ?? 0, pairs[at + 1] ?? 0)
  if (rules.some(({ kind }) => kind === 'near-duplicates')) {
    for (const [first, ...others] of await findDuplicates(view, distance, context))
      for (const { place } of others) sets.join(first?.place ?? place, place)
  }
  const firsts = sets.firsts()
  return { firsts, nameAt: await groupNames(view, firsts, rules, layer) }
}

/** Only groups of several items need their names kept. */
async function groupNames(
  view: Pick<DatasetView, 'items'>,
  firsts: Uint32Array,
  rules: readonly GroupRule[],
  layer: string,
): Promise<ItemGroups['nameAt']> {
  const isShared = new Uint8Array(firsts.length)
  for (const [place, first] of firsts.entries()) if (first !== place) isShared[first] = 1
  const nameOf = (item: AnnotatedItem): string =>
    smallest(sharedTexts(item, rules, layer)) ?? item.id
  const names = new Map<number, string>()
  let place = 0
  for await (const item of view.items()) {
    const first = firsts[place++] ?? 0
    if (isShared[first] === 0) continue
    const [name, before] = [nameOf(item), names.get(first)]
    if (before === undefined || name < before) names.set(first, name)
  }
  return (item, at) => names.get(firsts[at] ?? at) ?? nameOf(item)
}

function smallest(texts: readonly string[]): string | undefined {
  return texts.reduce<string | undefined>(
    (least, text) => (least === undefined || text < least ? text : least),
    undefined,
  )
}

/** Texts that are equal where items have something in common. */
function sharedTexts(
  item: AnnotatedItem,
  rules: readonly GroupRule[],
  layer: string,
): readonly string[] {
  return rules.flatMap((rule) => textsOf(item, rule, layer))
}

function textsOf(
  item: AnnotatedItem,
  { kind, argument }: GroupRule,
  layer: string,
): readonly string[] {
  const annotations = item.layers[layer] ?? []
  switch (kind) {
    case 'attribute': {
      const values = [item, ...annotations].flatMap(({ attributes = {} }) =>
        Object.hasOwn(attributes, argument) ? (attributes[argument] ?? []) : [],
      )
      return [
        ...new Set(
          values.map((value: AttributeValue) => JSON.stringify(['attribute', argument, value])),
        ),
      ]
    }
    case 'tag':
      return (item.tags ?? [])
        .filter((tag) => tag.startsWith(argument))
        .map((tag) => JSON.stringify(['tag', tag]))
    case 'folder':
      return [JSON.stringify(['folder', folderOf(item.id)])]
    case 'track':
      // Tracks are numbered anew in each sequence.
      return annotations.flatMap(({ track }) =>
        track === undefined ? [] : JSON.stringify(['track', folderOf(item.id), track]),
      )
    case 'label':
      return annotations.flatMap(({ type, category }) =>
        type === 'label' && category !== undefined ? JSON.stringify(['label', category]) : [],
      )
    case 'tile': {
      const origin = tileOriginOf(item)
      return origin === undefined ? [] : [JSON.stringify(['tile', origin.id])]
    }
    case 'near-duplicates':
      return []
    default:
      return []
  }
}

function folderOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')))
}
