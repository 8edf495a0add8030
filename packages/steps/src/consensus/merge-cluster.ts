import type {
  Annotation,
  AnnotationCommon,
  Attributes,
  AttributeValue,
  CategoryKey,
  Geometry,
} from '@dsv/core'
import { averageShape, type WeightedShape } from './average-shape.ts'
import type { Similarity } from './annotation-similarity.ts'
import { countVotes, type VoteCount } from './count-votes.ts'
import { geometryOf } from './geometry-of.ts'
import type { Cluster } from './match-annotators.ts'

/** How one annotation is made of several. */
export interface ClusterRules {
  readonly similarity: Similarity
  /** So many have to say a category, or a value of an attribute. */
  readonly quorum: number
  /** `medoid`: the shape that is most like the others; `mean`: their mean, where there is one. */
  readonly shape: 'medoid' | 'mean'
  readonly ignoredAttributes: ReadonlySet<string>
}

/** What became of a cluster. */
export interface MergedCluster {
  /** How the vote on the category went; `null` is none. */
  readonly category: VoteCount<CategoryKey | null>
  /** Undefined when no category has enough votes. It has the uid of the annotation that is most like the others. */
  readonly annotation?: Annotation
  /** Those who said the category, by index of annotator. */
  readonly voters: readonly number[]
  /** How alike the shapes of the voters are to the merged one, on average, 0…1. */
  readonly agreement: number
  /** Attributes that are left out. */
  readonly failed: readonly { readonly name: string; readonly vote: VoteCount<AttributeValue> }[]
}

/**
 * Makes one annotation of what annotators say of one object. The category with the most votes wins (a prediction
 * counts by its score); shape, attributes and flags come from those who said it, and so does the score:
 * `votes / annotators × agreement` (`IntersectMerge` of Datumaro).
 *
 * @param annotators - How many could have voted
 */
export function mergeCluster(
  cluster: Cluster,
  annotators: number,
  rules: ClusterRules,
): MergedCluster {
  const members = cluster.flatMap((annotation, annotator) =>
    annotation === undefined ? [] : [{ annotation, annotator, weight: weightOf(annotation) }],
  )
  const category = countVotes(
    members.map(({ annotation, weight }) => ({ value: annotation.category ?? null, weight })),
  )
  if (category === undefined) throw new TypeError('A cluster without annotations')
  const voters = members.filter(
    ({ annotation }) => (annotation.category ?? null) === category.winner,
  )
  const { shape, nearest, agreement } = mergeShapes(voters, rules)
  const votes = voteOnAttributes(voters, rules)
  const outcome = {
    category,
    voters: voters.map(({ annotator }) => annotator),
    agreement,
    failed: votes.failed,
  }
  if (category.count < rules.quorum) return outcome
  const stated: AnnotationCommon & { readonly uid: string } = nearest
  const { box, area, attributes: _, occluded: _o, outside: _u, truncated: _t, ...rest } = stated
  const { crowd: _c, track: _k, zOrder: _z, ...own } = rest
  const annotation: Annotation = {
    ...own,
    ...(shape ?? geometryOf(nearest)),
    ...(shape === undefined && box !== undefined && { box }),
    ...(shape === undefined && area !== undefined && { area }),
    ...(votes.attributes !== undefined && { attributes: votes.attributes }),
    ...flagsOf(voters, nearest),
    score: Math.min(1, (category.weight / annotators) * agreement),
  }
  return { ...outcome, annotation: withVotedText(annotation, voters) }
}

interface Member extends WeightedShape {
  readonly annotator: number
}

function weightOf({ score }: Annotation): number {
  return score === undefined ? 1 : Math.min(1, Math.max(0, score))
}

interface MergedShape {
  /** Undefined where it is that of `nearest`. */
  readonly shape: Geometry | undefined
  readonly nearest: Annotation
  readonly agreement: number
}

/** The nearest is the one that is most like all of them; the first of several. */
function mergeShapes(voters: readonly Member[], { similarity, shape }: ClusterRules): MergedShape {
  let nearest: Annotation | undefined
  let best = -1
  for (const { annotation } of voters) {
    const likeness = meanLikeness(annotation, voters, similarity)
    if (likeness <= best + 1e-12) continue
    nearest = annotation
    best = likeness
  }
  if (nearest === undefined) throw new TypeError('A cluster without voters')
  const mean = shape === 'mean' ? averageShape(voters, nearest) : undefined
  if (mean === undefined) return { shape: undefined, nearest, agreement: best }
  const { uid, category } = nearest
  const merged: Annotation = { uid, ...(category !== undefined && { category }), ...mean }
  return { shape: mean, nearest, agreement: meanLikeness(merged, voters, similarity) }
}

function meanLikeness(
  annotation: Annotation,
  voters: readonly Member[],
  similarity: Similarity,
): number {
  let sum = 0
  for (const voter of voters)
    sum += voter.annotation === annotation ? 1 : similarity(annotation, voter.annotation)
  return sum / voters.length
}

/** What a vote on named values gives. */
export interface AttributeVotes {
  readonly attributes: Attributes | undefined
  readonly failed: MergedCluster['failed']
}

/** Decides each attribute among those who state it. */
export function voteOnAttributes(
  voters: readonly { readonly annotation: { attributes?: Attributes }; readonly weight: number }[],
  { quorum, ignoredAttributes }: Pick<ClusterRules, 'quorum' | 'ignoredAttributes'>,
): AttributeVotes {
  const names = new Set(
    voters.flatMap(({ annotation }) => Object.keys(annotation.attributes ?? {})),
  )
  const decided: (readonly [string, AttributeValue])[] = []
  const failed: { name: string; vote: VoteCount<AttributeValue> }[] = []
  for (const name of names) {
    if (ignoredAttributes.has(name)) continue
    const vote = countVotes(
      voters.flatMap(({ annotation: { attributes }, weight }) => {
        const value = ownValue(attributes, name)
        return value === undefined ? [] : [{ value, weight }]
      }),
    )
    if (vote === undefined) continue
    if (vote.isTie || vote.count < quorum) failed.push({ name, vote })
    else decided.push([name, vote.winner])
  }
  const hasAny = voters.some(({ annotation }) => annotation.attributes !== undefined)
  return { attributes: hasAny ? Object.fromEntries(decided) : undefined, failed }
}

function ownValue(attributes: Attributes | undefined, name: string): AttributeValue | undefined {
  return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
}

/** Fields that all may state: the value that most state; in a tie that of the nearest. The highest z-order. */
function flagsOf(voters: readonly Member[], nearest: AnnotationCommon): AnnotationCommon {
  const occluded = mostSaid(voters, nearest, (annotation) => annotation.occluded)
  const outside = mostSaid(voters, nearest, (annotation) => annotation.outside)
  const truncated = mostSaid(voters, nearest, (annotation) => annotation.truncated)
  const crowd = mostSaid(voters, nearest, (annotation) => annotation.crowd)
  const track = mostSaid(voters, nearest, (annotation) => annotation.track)
  const orders = voters.flatMap(({ annotation }) => annotation.zOrder ?? [])
  return {
    ...(occluded !== undefined && { occluded }),
    ...(outside !== undefined && { outside }),
    ...(truncated !== undefined && { truncated }),
    ...(crowd !== undefined && { crowd }),
    ...(track !== undefined && { track }),
    ...(orders.length > 0 && { zOrder: Math.max(...orders) }),
  }
}

function mostSaid<Value>(
  voters: readonly Member[],
  nearest: AnnotationCommon,
  pick: (annotation: AnnotationCommon) => Value | undefined,
): Value | undefined {
  const vote = countVotes(
    voters.map(({ annotation, weight }) => ({ value: pick(annotation) ?? null, weight })),
  )
  return vote === undefined || vote.isTie ? pick(nearest) : (vote.winner ?? undefined)
}

/** A text that can be read in the image is what most read. */
function withVotedText(annotation: Annotation, voters: readonly Member[]): Annotation {
  if (annotation.type !== 'text') return annotation
  const vote = countVotes(
    voters.flatMap(({ annotation: voted, weight }) =>
      voted.type === 'text' ? [{ value: voted.text, weight }] : [],
    ),
  )
  return vote === undefined || vote.isTie ? annotation : { ...annotation, text: vote.winner }
}
