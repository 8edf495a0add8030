import { type AnnotationDraft, type Category, parseCounts, type SourceItem } from '@dsv/core'
import type { Fact, FactAnnotation } from './facts.ts'

/** Where a dataset that was read is not as a {@link Fact} says; all empty when it is. */
export interface FactDifferences {
  /** Items of one side only, media of other sizes. */
  readonly items: readonly string[]
  /** Names of categories of one side only. */
  readonly categories: readonly string[]
  /** Annotations of one side only: type, category, shape. */
  readonly annotations: readonly string[]
  /** Attributes of annotations that are not among ours. */
  readonly attributes: readonly string[]
}

/** What is compared. */
export interface ReadDataset {
  readonly categories: readonly Category[]
  readonly items: readonly SourceItem[]
}

/** How closely both sides are compared. */
export interface CompareOptions {
  /** The fact is one task of several (`voc_action`): what we read besides is no difference. */
  readonly isPart?: boolean
}

/**
 * Compares all items with their annotations. Coordinates count to two decimals, as Datumaro rounds them; the
 * order of annotations does not count. What is a field here (`occluded`, `crowd`, …) is an attribute there, and
 * a stated `box` beside another shape is an annotation of its own.
 */
export function compareFact(
  fact: Fact,
  read: ReadDataset,
  { isPart = false }: CompareOptions = {},
): FactDifferences {
  const names = new Map(read.categories.map(({ key, name }) => [key, name]))
  const ours = new Map(read.items.map((item) => [keyOf(item), item]))
  const theirs = new Map(fact.items.map((item) => [keyOf(item), item]))
  const found = {
    items: [...ours.keys()].filter((key) => !theirs.has(key)).map((key) => `${key}: only ours`),
    categories: isPart ? [] : compareCategories(fact, read.categories),
    annotations: [] as string[],
    attributes: [] as string[],
  }
  for (const [key, expected] of theirs) {
    const item = ours.get(key)
    if (item === undefined) {
      found.items.push(`${key}: only theirs`)
      continue
    }
    const size = expected.media?.size_hw?.join('×')
    const actual = [item.media[0]?.height, item.media[0]?.width].join('×')
    if (size !== undefined && size !== actual) found.items.push(`${key}: ${actual}, not ${size}`)
    const drafts = Object.values(item.layers).flat()
    const lists = compareAnnotations(expected.annotations, drafts, names, isPart)
    found.annotations.push(...lists.annotations.map((each) => `${key}: ${each}`))
    found.attributes.push(...lists.attributes.map((each) => `${key}: ${each}`))
  }
  return found
}

function keyOf({ subset, id }: { readonly subset: string; readonly id: string }): string {
  return `${subset}/${id}`
}

function compareCategories({ categories }: Fact, ours: readonly Category[]): string[] {
  const expected = (categories.label ?? []).map(({ name }) => name)
  const actual = ours.map(({ name }) => name)
  if (expected.join('\n') === actual.join('\n')) return []
  const missing = expected.filter((name) => !actual.includes(name))
  const more = actual.filter((name) => !expected.includes(name))
  if (missing.length + more.length === 0) return ['in another order']
  return [
    ...missing.map((name) => `${name}: only theirs`),
    ...more.map((name) => `${name}: only ours`),
  ]
}

interface Statement {
  /** Type, category and shape. */
  readonly text: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** May be there or not: boxes that are stated beside another shape. */
  readonly isOptional: boolean
}

function compareAnnotations(
  expected: readonly FactAnnotation[],
  drafts: readonly AnnotationDraft[],
  names: ReadonlyMap<string, string>,
  isPart: boolean,
): { readonly annotations: readonly string[]; readonly attributes: readonly string[] } {
  const pending = drafts.flatMap((draft) => statementsOf(draft, names))
  const annotations: string[] = []
  const attributes: string[] = []
  for (const each of expected) {
    const text = factText(each)
    const same = pending.filter((statement) => statement.text === text)
    const best = same.toSorted((a, b) => lacking(each, a).length - lacking(each, b).length)[0]
    if (best === undefined) {
      annotations.push(`${text}: only theirs`)
      continue
    }
    pending.splice(pending.indexOf(best), 1)
    attributes.push(...lacking(each, best).map((name) => `${text}: ${name}`))
  }
  if (!isPart)
    for (const { text, isOptional } of pending)
      if (!isOptional) annotations.push(`${text}: only ours`)
  return { annotations, attributes }
}

/** Attributes whose value is another with us; an absent one is as good as a false one. */
function lacking({ attributes = {} }: FactAnnotation, ours: Statement): readonly string[] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    // The collection leaves long values out.
    if (value === '<trimmed>') return name in ours.attributes ? [] : [name]
    if (value === false) return ours.attributes[name] === true ? [name] : []
    const same = String(ours.attributes[name]) === String(value)
    return same ? [] : [`${name}=${String(value)}`]
  })
}

function factText(annotation: FactAnnotation): string {
  const { type, label_name: name } = annotation
  return statementText(type, name, factShape(annotation))
}

function factShape(annotation: FactAnnotation): unknown {
  if (annotation.type === 'mask') {
    const { mask } = annotation
    return typeof mask === 'object' && mask !== null && 'rle_colmajor' in mask
      ? runs(mask.rle_colmajor)
      : mask
  }
  if (annotation.type === 'cuboid_3d')
    return [annotation['position'], annotation['rotation'], annotation['scale']]
  for (const field of ['xywh', 'cxcywhr', 'points', 'caption', 'values'])
    if (annotation[field] !== undefined)
      return annotation.type === 'points'
        ? [annotation[field], annotation['visibility']]
        : annotation[field]
  return null
}

function statementsOf(draft: AnnotationDraft, names: ReadonlyMap<string, string>): Statement[] {
  const name = draft.category === undefined ? undefined : names.get(draft.category)
  const attributes = {
    ...draft.attributes,
    ...(draft.crowd !== undefined && { is_crowd: draft.crowd }),
    ...(draft.occluded !== undefined && { occluded: draft.occluded }),
    ...(draft.truncated !== undefined && { truncated: draft.truncated }),
    ...(draft.outside !== undefined && { outside: draft.outside }),
    ...(draft.score !== undefined && { score: draft.score }),
    ...(draft.track !== undefined && { track_id: draft.track }),
  }
  const made = shapesOf(draft).map(([type, shape]) => ({
    text: statementText(type, name, shape),
    attributes,
    isOptional: false,
  }))
  if (draft.box === undefined || draft.type === 'box') return made
  return [...made, { text: statementText('bbox', name, draft.box), attributes, isOptional: true }]
}

/** A shape as Datumaro has it: one polygon for each part. */
function shapesOf(draft: AnnotationDraft): readonly (readonly [type: string, shape: unknown])[] {
  switch (draft.type) {
    case 'box':
      return [['bbox', [draft.x, draft.y, draft.width, draft.height]]]
    case 'rotated-box': {
      const { cx, cy, width, height, angle } = draft
      return [['rotated_bbox', [cx, cy, width, height, (angle * 180) / Math.PI]]]
    }
    case 'polygon':
      return draft.parts.map(([ring]) => ['polygon', ring])
    case 'quad':
      return [['polygon', draft.points]]
    case 'mask':
    case 'panoptic-segment':
      return [['mask', runs(parseCounts(draft.counts))]]
    case 'points':
      return [['points', [draft.points, draft.visibility]]]
    case 'caption':
      return [['caption', draft.text]]
    case 'text':
      return [['caption', draft.text], ...draft.parts.map(([ring]) => ['polygon', ring] as const)]
    case 'cuboid-3d':
      return [['cuboid_3d', [draft.position, draft.rotation, draft.size]]]
    case 'tabular':
      return [['tabular', draft.values]]
    case 'polyline':
    case 'cuboid-2d':
    case 'label':
    case 'ellipse':
    case 'reference':
    case 'relation':
    case 'temporal-segment':
    case 'vector':
      return [[draft.type, 'points' in draft ? draft.points : null]]
  }
}

/** Runs without a final one of length 0, which says nothing. */
function runs(counts: unknown): unknown {
  return Array.isArray(counts) && counts.at(-1) === 0 ? counts.slice(0, -1) : counts
}

function statementText(type: string, name: string | undefined, shape: unknown): string {
  const rounded = JSON.stringify(shape, (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 100) / 100 + 0 : value,
  )
  return `${type} ${name ?? '(no category)'} ${rounded}`
}
