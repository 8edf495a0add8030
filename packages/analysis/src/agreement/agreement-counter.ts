import { cohenKappa } from './cohen-kappa.ts'
import { type AlphaSums, krippendorffAlpha } from './krippendorff-alpha.ts'

/** What several annotators said of one object. */
export interface JudgedObject {
  /**
   * For each annotator the category that they gave it: the empty text where they gave it none, null where they have
   * seen the item but not marked the object, undefined where they have not seen the item.
   */
  readonly categories: readonly (string | null | undefined)[]
  /** How alike the shapes of two annotators who marked it are, 0…1. */
  readonly similarity: (a: number, b: number) => number
}

/** How far two annotators agree, or all of them on one category. */
export interface AgreementFigures {
  /** Annotations of both, on items that both have seen. */
  readonly annotations: number
  /** Pairs of annotations of one object. */
  readonly matched: number
  /** Those of one category. */
  readonly agreed: number
  /** `2 · agreed / annotations`, null without annotations. */
  readonly f1: number | null
  /** Mean likeness of the shapes of what is matched, null where nothing is. */
  readonly meanIou: number | null
}

/** How far two annotators agree. */
export interface PairAgreement extends AgreementFigures {
  readonly annotators: readonly [string, string]
  /** Cohen's kappa of the categories of what is matched. */
  readonly kappa: number | null
}

/** How far annotators agree. */
export interface Agreement {
  readonly pairs: readonly PairAgreement[]
  /** All pairs of annotators together, by category. */
  readonly categories: readonly (AgreementFigures & { readonly category: string })[]
  /** Each annotator against all others together. */
  readonly annotators: readonly (AgreementFigures & { readonly annotator: string })[]
  /** Krippendorff's alpha over all annotators. */
  readonly alpha: {
    /**
     * Of the categories, where "not marked" is one of them (Nassar and others, Assessing Data Quality of Annotations
     * with Krippendorff Alpha For Applications in Computer Vision, 2019, arXiv:1912.10107).
     */
    readonly categories: number | null
    /**
     * With the distance 1 − IoU between shapes of one category, and 1 between two categories, or something and
     * nothing. What is expected by chance takes it that shapes of two objects do not overlap.
     */
    readonly shapes: number | null
  }
}

/** Adds up agreement, object by object. */
export interface AgreementCounter {
  /** Counts one object. */
  readonly add: (object: JudgedObject) => void
  /** Returns the figures of all objects so far. */
  readonly result: () => Agreement
}

/** What "not marked" counts as among categories; no category is called so, as names are not prefixed. */
const NOTHING = 'nothing'
const categoryMark = (category: string): string => `=${category}`

/**
 * Returns a counter. Memory: some numbers for each pair of annotators and for each category; nothing for each object.
 */
export function agreementCounter(names: readonly string[]): AgreementCounter {
  const pairs = names.flatMap((_, a) =>
    names
      .slice(a + 1)
      .map((__, more) => ({ a, b: a + 1 + more, ...emptyTally(), table: newTable() })),
  )
  const byCategory = new Map<string, Tally>()
  const byAnnotator = names.map(emptyTally)
  const sums = alphaCounter()
  const inCategory = (category: string): Tally => {
    const known = byCategory.get(category) ?? emptyTally()
    byCategory.set(category, known)
    return known
  }
  return {
    add: (object) => {
      for (const pair of pairs) {
        const first = object.categories[pair.a]
        const second = object.categories[pair.b]
        if (first === undefined || second === undefined) continue
        const tallies = [pair, byAnnotator[pair.a], byAnnotator[pair.b]]
        for (const category of [first, second])
          if (category !== null)
            for (const tally of [...tallies, inCategory(category)])
              if (tally !== undefined) tally.annotations++
        if (first === null || second === null) continue
        count(pair.table, first, second)
        const likeness = object.similarity(pair.a, pair.b)
        const isAgreed = first === second
        const touched = new Set([inCategory(first), inCategory(second)])
        for (const tally of [...tallies, ...touched]) {
          if (tally === undefined) continue
          tally.matched++
          tally.likeness += likeness
          if (isAgreed) tally.agreed++
        }
      }
      sums.add(object)
    },
    result: () => ({
      pairs: pairs.map((pair) => ({
        annotators: [names[pair.a] ?? '', names[pair.b] ?? ''],
        ...figuresOf(pair),
        kappa: cohenKappa(pair.table),
      })),
      categories: [...byCategory]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([category, tally]) => ({ category, ...figuresOf(tally) })),
      annotators: byAnnotator.map((tally, at) => ({
        annotator: names[at] ?? '',
        ...figuresOf(tally),
      })),
      alpha: sums.result(),
    }),
  }
}

/** Sums behind {@link AgreementFigures}. */
interface Tally {
  annotations: number
  matched: number
  agreed: number
  likeness: number
}

function emptyTally(): Tally {
  return { annotations: 0, matched: 0, agreed: 0, likeness: 0 }
}

function figuresOf({ annotations, matched, agreed, likeness }: Tally): AgreementFigures {
  return {
    annotations,
    matched,
    agreed,
    f1: annotations === 0 ? null : (2 * agreed) / annotations,
    meanIou: matched === 0 ? null : likeness / matched,
  }
}

function newTable(): Map<string, Map<string, number>> {
  return new Map()
}

function count(table: Map<string, Map<string, number>>, a: string, b: string): void {
  const row = table.get(a) ?? new Map<string, number>()
  row.set(b, (row.get(b) ?? 0) + 1)
  table.set(a, row)
}

/** Sums both alphas up in one pass: expected disagreement follows from how often each value was given. */
function alphaCounter(): {
  readonly add: (object: JudgedObject) => void
  result(): Agreement['alpha']
} {
  const given = new Map<string, number>()
  let values = 0
  let unlike = 0
  let distance = 0
  /** How much less than 1 the distances within objects are, over ordered pairs. */
  let alike = 0
  return {
    add: ({ categories, similarity }) => {
      const seen = categories.flatMap((category, annotator) =>
        category === undefined ? [] : [{ category, annotator }],
      )
      if (seen.length < 2) return
      values += seen.length
      for (const { category } of seen) {
        const mark = category === null ? NOTHING : categoryMark(category)
        given.set(mark, (given.get(mark) ?? 0) + 1)
      }
      for (const [at, a] of seen.entries())
        for (const b of seen.slice(at + 1)) {
          const isBothNothing = a.category === null && b.category === null
          const isAlike = a.category === b.category
          if (!isAlike) unlike += 2 / (seen.length - 1)
          const likeness = isAlike && !isBothNothing ? similarity(a.annotator, b.annotator) : 0
          if (!isBothNothing) distance += (2 * (1 - likeness)) / (seen.length - 1)
          alike += 2 * likeness
        }
    },
    result: () => {
      let equalPairs = 0
      for (const times of given.values()) equalPairs += times * (times - 1)
      const nothing = given.get(NOTHING) ?? 0
      const all = values * (values - 1)
      const byCategory: AlphaSums = { values, observed: unlike, expected: all - equalPairs }
      const byShape: AlphaSums = {
        values,
        observed: distance,
        expected: all - nothing * (nothing - 1) - alike,
      }
      return {
        categories: krippendorffAlpha(byCategory),
        shapes: krippendorffAlpha(byShape),
      }
    },
  }
}
