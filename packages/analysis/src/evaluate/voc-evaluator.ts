import {
  type Annotation,
  boundsOf,
  type BoxNumbers,
  type Category,
  type CategoryKey,
} from '@dsv/core'
import { distinctObjects } from './distinct-objects.ts'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { Evaluator, Figures, ObjectMatch } from './evaluation.ts'
import { mean } from './mean.ts'
import { scoreTally } from './score-tally.ts'
import { vocAveragePrecision } from './voc-average-precision.ts'

/** How boxes are evaluated. */
export interface VocRequest {
  readonly categories: readonly Category[]
  /** The overlap from which on an object is found; the challenge takes 0.5. */
  readonly iou: number
}

/**
 * Returns an evaluator of boxes by the rules of PASCAL VOC: a detection belongs to the object of its category that it
 * covers most, and is wrong where a better one has found that; objects with the attribute `difficult`, and
 * crowds, need not be found. Sides are counted with both of their pixels, as in the challenge.
 *
 * @see {@link http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html | VOC development kit, VOCevaldet.m}
 */
export function vocEvaluator({ categories, iou }: VocRequest): Evaluator {
  const tallies = new Map(categories.map(({ key }) => [key, scoreTally()]))
  let items = 0
  const matches = (item: EvaluatedItem): readonly ObjectMatch[] =>
    [...byCategory(item)].flatMap(([category, { truth, found }]) =>
      tallies.has(category) ? vocMatches(category, truth, found, iou) : [],
    )
  return {
    matches,
    add: (item) => {
      items += 1
      for (const { outcome, category, found } of matches(item)) {
        const tally = tallies.get(category)
        if (outcome === 'true-positive' || outcome === 'false-negative') tally?.want(1)
        if (found !== undefined && outcome !== 'ignored')
          tally?.add(found.score ?? 1, outcome === 'true-positive')
      }
    },
    result: () => {
      const each = [...tallies].map(([category, tally]) => ({
        category,
        objects: tally.wanted,
        figures: figuresOf(tally),
      }))
      const meanOf = (name: string): number | null => {
        const values = each.flatMap(({ figures }) => figures[name] ?? [])
        return values.length === 0 ? null : mean(values)
      }
      return {
        task: 'boxes',
        items,
        figures: { mAP: meanOf('AP'), mAP11: meanOf('AP11') },
        categories: each,
        confusion: undefined,
      }
    },
    curves: () => [...tallies].map(([category, tally]) => ({ category, points: tally.points() })),
  }
}

function figuresOf(tally: ReturnType<typeof scoreTally>): Figures {
  if (tally.wanted === 0) return { AP: null, AP11: null, F1: null, bestScore: null }
  const { area, elevenPoint } = vocAveragePrecision(tally.ranked(), tally.wanted)
  const best = tally.best()
  return { AP: area, AP11: elevenPoint, F1: best?.f1 ?? 0, bestScore: best?.score ?? null }
}

interface Boxed {
  readonly annotation: Annotation
  readonly box: BoxNumbers
}

function byCategory(
  item: EvaluatedItem,
): ReadonlyMap<CategoryKey, { readonly truth: Boxed[]; readonly found: Boxed[] }> {
  const groups = new Map<CategoryKey, { truth: Boxed[]; found: Boxed[] }>()
  for (const side of ['truth', 'found'] as const)
    for (const annotation of distinctObjects(item[side])) {
      const { category } = annotation
      const box =
        annotation.type === 'box' ? boundsOf(annotation) : (annotation.box ?? boundsOf(annotation))
      if (category === undefined || box === undefined) continue
      let group = groups.get(category)
      if (group === undefined) groups.set(category, (group = { truth: [], found: [] }))
      group[side].push({ annotation, box })
    }
  return groups
}

function vocMatches(
  category: CategoryKey,
  truth: readonly Boxed[],
  found: readonly Boxed[],
  iou: number,
): readonly ObjectMatch[] {
  const taken = new Set<Boxed>()
  const outcomes = found
    .toSorted((a, b) => (b.annotation.score ?? 1) - (a.annotation.score ?? 1))
    .map((each): ObjectMatch => {
      let best: Boxed | undefined
      let most = -Infinity
      for (const other of truth) {
        const overlap = inclusiveIou(each.box, other.box)
        if (overlap <= most) continue
        most = overlap
        best = other
      }
      const result = { category, found: each.annotation }
      if (best === undefined || most < iou) return { outcome: 'false-positive', ...result }
      const pair = { ...result, truth: best.annotation, overlap: most }
      if (isDifficult(best.annotation)) return { outcome: 'ignored', ...pair }
      // The object is taken: this is the same one found twice.
      if (taken.has(best)) return { outcome: 'false-positive', ...result }
      taken.add(best)
      return { outcome: 'true-positive', ...pair }
    })
  const missed = truth.filter((each) => !taken.has(each) && !isDifficult(each.annotation))
  return [
    ...outcomes,
    ...missed.map(({ annotation }): ObjectMatch => ({
      outcome: 'false-negative',
      category,
      truth: annotation,
    })),
  ]
}

function isDifficult({ attributes, crowd }: Annotation): boolean {
  const difficult = attributes?.['difficult']
  return crowd === true || difficult === true || difficult === 1 || difficult === '1'
}

/** A side of VOC goes from its first to its last pixel, so it is one longer than its ends are apart. */
function inclusiveIou(
  [ax, ay, aWidth, aHeight]: BoxNumbers,
  [bx, by, bWidth, bHeight]: BoxNumbers,
): number {
  const width = Math.min(ax + aWidth, bx + bWidth) - Math.max(ax, bx) + 1
  const height = Math.min(ay + aHeight, by + bHeight) - Math.max(ay, by) + 1
  if (!(width > 0 && height > 0)) return 0
  const shared = width * height
  return shared / ((aWidth + 1) * (aHeight + 1) + (bWidth + 1) * (bHeight + 1) - shared)
}
