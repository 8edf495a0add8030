import type { AnnotatedItem, DatasetView, ItemKey, WriteContext } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { type SequenceLayout } from './layout.ts'
import { COLUMNS, WORLD_COLUMNS } from './row.ts'
import { framePlace, rootOf } from './sequence.ts'

/** What has to be known of a sequence before its first row is written. */
export interface PlannedSequence extends SequenceLayout {
  /** Frames by id. */
  readonly frames: ReadonlyMap<string, number>
  /** Size in pixels and extension of all images; undefined when they differ. */
  readonly image:
    | { readonly width: number; readonly height: number; readonly ext: string }
    | undefined
}

interface Facts {
  readonly frames: Map<string, number>
  readonly others: string[]
  last: number
  images: Set<string>
  hasCategories: boolean
  hasVisibility: boolean
}

/** Looks through the items of a subset once, and gives each a frame of a sequence. */
export async function planFrames(
  { items }: Pick<DatasetView, 'items'>,
  subset: string,
  before: readonly SequenceLayout[],
  { layer, signal }: Pick<WriteContext, 'layer' | 'signal'>,
): Promise<readonly PlannedSequence[]> {
  const sequences = new Map<string, Facts>()
  for await (const item of items(subset)) {
    signal.throwIfAborted()
    const [medium] = item.media
    if (medium?.kind !== 'image') continue
    const { name } = framePlace(item)
    let facts = sequences.get(name)
    if (facts === undefined) sequences.set(name, (facts = noFacts()))
    addFacts(facts, item, layer)
  }
  return [...sequences].map(([name, facts]) => planned({ subset, name }, facts, before))
}

function noFacts(): Facts {
  return {
    frames: new Map(),
    others: [],
    last: 0,
    images: new Set(),
    hasCategories: false,
    hasVisibility: false,
  }
}

function addFacts(facts: Facts, item: AnnotatedItem, layer: string): void {
  const { frame } = framePlace(item)
  if (frame === undefined) facts.others.push(item.id)
  else facts.frames.set(item.id, frame)
  facts.last = Math.max(facts.last, frame ?? 0)
  const [medium] = item.media
  const { width = '', height = '', path = '' } = medium ?? {}
  if (facts.images.size < 2) facts.images.add(`${width} ${height} .${extensionOf(path) || 'jpg'}`)
  for (const { type, category, occluded, attributes } of item.layers[layer] ?? []) {
    if (type !== 'box') continue
    facts.hasCategories ||= category !== undefined
    facts.hasVisibility ||= occluded !== undefined || attributes?.['visibility'] !== undefined
  }
}

function planned(
  { subset, name }: Pick<SequenceLayout, 'subset' | 'name'>,
  { frames, others, last, images, hasCategories, hasVisibility }: Facts,
  before: readonly SequenceLayout[],
): PlannedSequence {
  for (const [at, id] of others.entries()) frames.set(id, last + at + 1)
  const own = before.find((each) => each.subset === subset && each.name === name)
  const columns = own?.columns ?? COLUMNS.length
  const isEnough = columns >= WORLD_COLUMNS ? !hasCategories && !hasVisibility : !hasVisibility
  const [width, height, ext = ''] = [...images][0]?.split(' ') ?? []
  const isOne = images.size === 1 && width !== '' && height !== ''
  return {
    subset,
    name,
    root: own?.root ?? rootOf({ subset, name }),
    imDir: own?.imDir ?? 'img1',
    hasLabels: own?.hasLabels ?? true,
    columns: isEnough ? Math.max(columns, hasCategories ? 8 : 7) : COLUMNS.length,
    frames,
    image: isOne ? { width: Number(width), height: Number(height), ext } : undefined,
  }
}

/** Whether the id of an item comes back as it is. */
export function keepsId(item: Pick<ItemKey, 'id'>): boolean {
  return framePlace(item).frame !== undefined
}
