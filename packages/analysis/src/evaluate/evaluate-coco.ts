import type { Annotation, Category, CategoryKey, ItemKey } from '@dsv/core'
import { evaluationSigmasMissing } from '../errors.ts'
import { categoryTally, type CategoryTally } from './category-tally.ts'
import { type CocoParameters, cocoParameters, type CocoTask } from './coco-parameters.ts'
import {
  type DetectionObject,
  foundObject,
  type ImageSize,
  truthObject,
} from './detection-object.ts'
import type { Matches, MatchInput } from './match-detections.ts'
import { objectSimilarity, type Similarity } from './object-similarity.ts'
import { type CocoSummary, summarizeCoco } from './summarize-coco.ts'

/** One image with what is there and what was found. */
export interface EvaluatedItem extends ItemKey {
  /** Decides between detections of equal score: lower comes first. COCO's id of the image, or as images come. */
  readonly order?: number
  /** Needed where polygons are compared as masks. */
  readonly size?: ImageSize
  readonly truth: readonly Annotation[]
  readonly found: readonly Annotation[]
}

/** What is evaluated, and how. */
export interface CocoRequest {
  readonly task: CocoTask
  /** Categories of the truth; detections of others are not looked at. */
  readonly categories: readonly Category[]
  /** False compares all categories as one. Default true. */
  readonly useCategories?: boolean
  /** Standard deviations of keypoints where the skeleton of the category has none. */
  readonly sigmas?: readonly number[]
  /** Told what became of every object and detection of an image. */
  readonly onMatches?: (item: ItemKey, matches: readonly ObjectMatch[]) => void
  /** The overlap from which on {@link onMatches} calls an object found; one of COCO's thresholds. Default 0.5. */
  readonly matchThreshold?: number
}

/** What became of a detection, or of an object that none found. */
export interface ObjectMatch {
  /** `ignored`: found a crowd or another object that need not be found. */
  readonly outcome: 'true-positive' | 'false-positive' | 'false-negative' | 'ignored'
  readonly category: CategoryKey
  readonly truth?: Annotation
  readonly found?: Annotation
  /** How well they cover each other, 0…1. */
  readonly overlap?: number
}

/** The figures of one category. */
export interface CategoryFigures {
  /** Undefined where all are compared as one. */
  readonly category: CategoryKey | undefined
  /** Objects to find. */
  readonly objects: number
  readonly summary: CocoSummary
  /** Precision at each recall, for each threshold of overlap; empty where there is nothing to find. */
  readonly curves: readonly Float64Array[]
}

/** What COCO's evaluation says. Figures are −1 where there is nothing to find. */
export interface CocoEvaluation {
  readonly task: CocoTask
  readonly parameters: CocoParameters
  readonly summary: CocoSummary
  readonly categories: readonly CategoryFigures[]
}

/** The standard deviations of COCO's 17 keypoints. */
const PERSON_SIGMAS = [
  0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087,
  0.087, 0.089, 0.089,
]

/**
 * Evaluates detections as the COCO challenge does: average precision and recall over ten overlaps, ranges of areas and
 * limits on detections. Memory grows with the number of detections, about 60 bytes each.
 *
 * Unlike the reference it knows objects by their place, not by their id, so that one with id 0 counts like the others.
 *
 * @throws `DSV_EVALUATION_SIGMAS_MISSING`
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py | COCOeval}
 */
export async function evaluateCoco(
  items: AsyncIterable<EvaluatedItem> | Iterable<EvaluatedItem>,
  request: CocoRequest,
): Promise<CocoEvaluation> {
  const { task, categories, useCategories = true } = request
  const parameters = cocoParameters(task)
  const groups: readonly (readonly Category[])[] = useCategories
    ? categories.map((category) => [category])
    : [categories]
  const tallies = groups.map(() => categoryTally(parameters))
  const similarity = similarityOf(request)
  let next = 0
  for await (const item of items) {
    const order = item.order ?? next
    next += 1
    const objects = objectsOf(item, task)
    const matches: ObjectMatch[] = []
    for (const [index, group] of groups.entries()) {
      const input = matchInput(objects, group, parameters, similarity)
      if (input === undefined) continue
      const found = tallies[index]?.add(input, order) ?? []
      if (request.onMatches !== undefined)
        matches.push(...matchesOf(input, found[0]?.[thresholdIndex(request, parameters)]))
    }
    request.onMatches?.({ subset: item.subset, id: item.id }, matches)
  }
  return {
    task,
    parameters,
    summary: summarizeCoco(tallies, parameters),
    categories: tallies.map((tally, index) =>
      figuresOf(tally, parameters, useCategories ? categories[index]?.key : undefined),
    ),
  }
}

/** The objects of an image by category. */
interface ImageObjects {
  readonly truth: ReadonlyMap<CategoryKey, readonly DetectionObject[]>
  readonly found: ReadonlyMap<CategoryKey, readonly DetectionObject[]>
}

function objectsOf({ truth, found, size }: EvaluatedItem, task: CocoTask): ImageObjects {
  return {
    truth: byCategory(truth, (each) => truthObject(each, task, size)),
    found: byCategory(found, (each) => foundObject(each, task, size)),
  }
}

function byCategory(
  annotations: readonly Annotation[],
  objectOf: (annotation: Annotation) => DetectionObject | undefined,
): ReadonlyMap<CategoryKey, readonly DetectionObject[]> {
  const groups = new Map<CategoryKey, DetectionObject[]>()
  for (const annotation of annotations) {
    const object = objectOf(annotation)
    if (object === undefined) continue
    const group = groups.get(object.category)
    if (group === undefined) groups.set(object.category, [object])
    else group.push(object)
  }
  return groups
}

type SimilarityOf = (category: Category) => Similarity

function similarityOf({ task, sigmas }: CocoRequest): SimilarityOf {
  const known = new Map<CategoryKey, Similarity>()
  return (category) => {
    const found = known.get(category.key)
    if (found !== undefined) return found
    const made = objectSimilarity(task, task === 'points' ? sigmasOf(category, sigmas) : [])
    known.set(category.key, made)
    return made
  }
}

function sigmasOf(
  { name, skeleton }: Category,
  given: readonly number[] | undefined,
): readonly number[] {
  const count = skeleton?.points.length ?? given?.length ?? PERSON_SIGMAS.length
  const sigmas = given ?? skeleton?.sigmas ?? PERSON_SIGMAS
  if (sigmas.length !== count) throw evaluationSigmasMissing(name, count)
  return sigmas
}

function matchInput(
  objects: ImageObjects,
  group: readonly Category[],
  { maxDetections }: CocoParameters,
  similarities: SimilarityOf,
): MatchInput | undefined {
  const truth = group.flatMap(({ key }) => objects.truth.get(key) ?? [])
  const found = group
    .flatMap(({ key }) => objects.found.get(key) ?? [])
    .toSorted((a, b) => b.score - a.score)
    .slice(0, maxDetections.at(-1))
  const [category] = group
  if (category === undefined || truth.length + found.length === 0) return undefined
  const similarity = truth.length * found.length === 0 ? undefined : similarities(category)
  const overlaps = new Float64Array(found.length * truth.length)
  if (similarity !== undefined)
    for (const [row, each] of found.entries())
      for (const [column, other] of truth.entries())
        overlaps[row * truth.length + column] = similarity(each, other)
  return { truth, found, overlaps }
}

function thresholdIndex(
  { matchThreshold = 0.5 }: CocoRequest,
  { iouThresholds }: CocoParameters,
): number {
  const distances = iouThresholds.map((threshold) => Math.abs(threshold - matchThreshold))
  return distances.indexOf(Math.min(...distances))
}

function matchesOf(
  { truth, found, overlaps }: MatchInput,
  matches: Matches | undefined,
): ObjectMatch[] {
  if (matches === undefined) return []
  const missed = new Set(truth.keys())
  const outcomes = found.map(({ annotation, category }, index): ObjectMatch => {
    const at = matches.truthOf[index] ?? -1
    missed.delete(at)
    const object = truth[at]?.annotation
    const isRight = object !== undefined
    const isIgnored = matches.isIgnored[index] === 1
    return {
      outcome: isIgnored ? 'ignored' : isRight ? 'true-positive' : 'false-positive',
      category,
      found: annotation,
      ...(isRight ? { truth: object, overlap: overlaps[index * truth.length + at] ?? 0 } : {}),
    }
  })
  for (const at of missed) {
    const object = truth[at]
    if (object === undefined || object.isIgnored) continue
    const { annotation, category } = object
    outcomes.push({ outcome: 'false-negative', category, truth: annotation })
  }
  return outcomes
}

function figuresOf(
  tally: CategoryTally,
  parameters: CocoParameters,
  category: CategoryKey | undefined,
): CategoryFigures {
  const limit = parameters.maxDetections.length - 1
  const curves = parameters.iouThresholds.flatMap(
    (_, threshold) => tally.curve({ threshold, range: 0, limit })?.precision ?? [],
  )
  return {
    category,
    objects: tally.wanted[0] ?? 0,
    summary: summarizeCoco([tally], parameters),
    curves,
  }
}
