import type { Annotation, Category, CategoryKey } from '@dsv/core'
import { evaluationSigmasMissing } from '../errors.ts'
import type { CocoTask } from './coco-parameters.ts'
import { type DetectionObject, foundObject, truthObject } from './detection-object.ts'
import { distinctObjects } from './distinct-objects.ts'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { MatchInput } from './match-detections.ts'
import { objectSimilarity, type Similarity } from './object-similarity.ts'

/** The standard deviations of COCO's 17 keypoints. */
const PERSON_SIGMAS = [
  0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087,
  0.087, 0.089, 0.089,
]

/** Which objects are compared, and how. */
export interface ObjectRequest {
  readonly task: CocoTask
  /** Categories of the truth; detections of others are not looked at. */
  readonly categories: readonly Category[]
  /** False compares all categories as one. Default true. */
  readonly useCategories?: boolean
  /** Standard deviations of keypoints where the skeleton of the category has none. */
  readonly sigmas?: readonly number[]
  /** Which objects count; the others may be found or not. */
  readonly slice?: ObjectSlice
}

/** A part of all objects. */
export interface ObjectSlice {
  hasTruth(object: DetectionObject, item: EvaluatedItem): boolean
  /** Whether a detection that finds nothing is wrong. */
  hasFound(object: DetectionObject): boolean
}

/** The objects of one image that are compared with each other. */
export interface GroupInput extends MatchInput {
  /** The index of their category; 0 where all are compared as one. */
  readonly group: number
}

/** Splits an image into what is compared with each other. */
export interface InputSplitter {
  split(item: EvaluatedItem): readonly GroupInput[]
  /** Says how well a detection covers an object, whatever the category of either. */
  readonly similarity: Similarity
}

/**
 * Returns a splitter of images by category.
 *
 * @param most - How many detections of a group count, the best first
 * @throws `DSV_EVALUATION_SIGMAS_MISSING` where images have keypoints of which nobody knows the spread
 */
export function inputSplitter(request: ObjectRequest, most: number): InputSplitter {
  const { task, categories, useCategories = true, slice } = request
  const ranks = new Map(categories.map(({ key }, rank) => [key, rank]))
  const turns = turnsOf(categories)
  const similarities = similaritiesOf(request)
  const objectsOf = (annotations: readonly Annotation[]): readonly Annotation[] =>
    task === 'box' ? distinctObjects(annotations) : annotations
  const similarity: Similarity = (found, truth) => similarities(truth.category)?.(found, truth) ?? 0
  return {
    similarity,
    split: (item) => {
      const groups = new Map<number, { truth: DetectionObject[]; found: DetectionObject[] }>()
      const groupOf = ({
        category,
      }: DetectionObject):
        | (typeof groups extends Map<number, infer Group> ? Group : never)
        | undefined => {
        const rank = ranks.get(category)
        if (rank === undefined) return undefined
        const key = useCategories ? rank : 0
        let group = groups.get(key)
        if (group === undefined) groups.set(key, (group = { truth: [], found: [] }))
        return group
      }
      for (const annotation of objectsOf(item.truth)) {
        const object = truthObject(annotation, task, item.size)
        if (object === undefined) continue
        const isOut = slice !== undefined && !slice.hasTruth(object, item)
        groupOf(object)?.truth.push(isOut ? { ...object, isIgnored: true } : object)
      }
      for (const annotation of objectsOf(item.found)) {
        const object = foundObject(annotation, task, item.size)
        if (object === undefined) continue
        const isOut = slice !== undefined && !slice.hasFound(object)
        groupOf(object)?.found.push(isOut ? { ...object, isIgnored: true } : object)
      }
      return [...groups].map(([group, { truth, found }]): GroupInput => {
        const byRank = (a: DetectionObject, b: DetectionObject): number =>
          (turns.get(a.category) ?? 0) - (turns.get(b.category) ?? 0)
        const objects = useCategories ? truth : truth.toSorted(byRank)
        const ranked = (useCategories ? found : found.toSorted(byRank))
          .toSorted((a, b) => b.score - a.score)
          .slice(0, most)
        return {
          group,
          truth: objects,
          found: ranked,
          overlaps: overlapsOf(ranked, objects, similarity),
        }
      })
    },
  }
}

/** COCO looks at categories in the order of their ids, which decides where overlaps and scores are equal. */
function turnsOf(categories: readonly Category[]): ReadonlyMap<CategoryKey, number> {
  const idOf = ({ sourceIds }: Category): number => Number(sourceIds?.['coco'])
  const hasIds = categories.every((category) => Number.isFinite(idOf(category)))
  const ordered = hasIds ? categories.toSorted((a, b) => idOf(a) - idOf(b)) : categories
  return new Map(ordered.map(({ key }, turn) => [key, turn]))
}

function overlapsOf(
  found: readonly DetectionObject[],
  truth: readonly DetectionObject[],
  similarity: Similarity,
): Float64Array {
  const overlaps = new Float64Array(found.length * truth.length)
  let place = 0
  for (const each of found) for (const other of truth) overlaps[place++] = similarity(each, other)
  return overlaps
}

function similaritiesOf({
  task,
  categories,
  sigmas,
}: ObjectRequest): (category: CategoryKey) => Similarity | undefined {
  if (task !== 'points') {
    const similarity = objectSimilarity(task)
    return () => similarity
  }
  const byKey = new Map(categories.map((category) => [category.key, category]))
  const known = new Map<CategoryKey, Similarity>()
  return (key) => {
    const found = known.get(key)
    const category = byKey.get(key)
    if (found !== undefined || category === undefined) return found
    const made = objectSimilarity(task, sigmasOf(category, sigmas))
    known.set(key, made)
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
