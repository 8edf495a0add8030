import {
  type AnnotatedItem,
  type Annotation,
  type AnnotationType,
  newUid,
  overlapCandidates,
  type Schema,
} from '@dsv/core'
import type { JudgedObject } from '@dsv/analysis'
import { similarityFrom } from './annotation-similarity.ts'
import type { ConsensusFinding } from './consensus-finding.ts'
import type { VoteCount } from './count-votes.ts'
import { type GroupRule, wrongGroups } from './group-rules.ts'
import { joinGroups } from './join-groups.ts'
import { type Cluster, matchAnnotators, type MatchRules } from './match-annotators.ts'
import {
  type ClusterRules,
  mergeCluster,
  type MergedCluster,
  voteOnAttributes,
} from './merge-cluster.ts'

/** What one annotator says of an item. */
export interface Opinion {
  readonly item: AnnotatedItem
  readonly annotations: readonly Annotation[]
}

/** How annotators come to one result. */
export interface ConsensusRules extends MatchRules, ClusterRules {
  /** What has a lower score is left out. */
  readonly minScore: number
  /** Annotations of the result that are more alike than this are reported. */
  readonly closeness: number
  readonly groups: readonly GroupRule[]
  readonly schema: Schema
  /** The layer that the result goes into. */
  readonly layer: string
}

/** What is told while items are merged. */
export interface ConsensusListener {
  readonly onFinding: (finding: ConsensusFinding) => void
  readonly onObject: (object: JudgedObject) => void
}

/** The outcome for one item. */
export interface MergedItem {
  readonly item: AnnotatedItem
  readonly annotations: readonly Annotation[]
}

/**
 * Makes one item of what annotators say of it. Those who have not seen it have no vote on what is in it.
 *
 * @param opinions - One for each annotator; undefined for those who have not seen the item
 * @param names - Of the annotators
 * @returns undefined when nobody has seen it
 */
export function mergeOpinions(
  opinions: readonly (Opinion | undefined)[],
  names: readonly string[],
  rules: ConsensusRules,
  listener: ConsensusListener,
): MergedItem | undefined {
  const first = opinions.find((opinion) => opinion !== undefined)
  if (first === undefined) return undefined
  const categoryNames = new Map(rules.schema.categories.map(({ key, name }) => [key, name]))
  const item: ItemVote = {
    where: `${first.item.subset}/${first.item.id}`,
    opinions,
    names,
    rules,
    listener,
    nameOf: (key) => categoryNames.get(key) ?? key,
  }
  reportItem(item)
  const annotations = decideAnnotations(item, first.item)
  reportTooClose(item, annotations)
  for (const { annotations: group, names: categories } of wrongGroups(
    annotations,
    rules.groups,
    item.nameOf,
  ))
    listener.onFinding({
      type: 'wrong-group',
      item: item.where,
      annotators: [],
      categories,
      ...(group[0] !== undefined && { uid: group[0].uid }),
    })
  return { item: mergeItemFields(item, first.item), annotations }
}

/** An item under discussion. */
interface ItemVote {
  readonly where: string
  readonly opinions: readonly (Opinion | undefined)[]
  readonly names: readonly string[]
  readonly rules: ConsensusRules
  readonly listener: ConsensusListener
  readonly nameOf: (key: string) => string
}

function namesOf({ names }: ItemVote, isMeant: (annotator: number) => boolean): readonly string[] {
  return names.filter((_, annotator) => isMeant(annotator))
}

function reportItem(item: ItemVote): void {
  const { opinions, listener, where } = item
  const missing = namesOf(item, (annotator) => opinions[annotator] === undefined)
  if (missing.length > 0)
    listener.onFinding({ type: 'no-matching-item', item: where, annotators: missing })
  const blobs = opinions.map((opinion) => opinion?.item.media[0]?.blob)
  const known = blobs.find((blob) => blob !== undefined)
  const others = namesOf(item, (at) => blobs[at] !== undefined && blobs[at] !== known)
  if (others.length > 0)
    listener.onFinding({ type: 'different-media', item: where, annotators: others })
}

function mergeItemFields(item: ItemVote, base: AnnotatedItem): AnnotatedItem {
  const { opinions, rules, listener, where } = item
  const seen = opinions.flatMap((opinion) => opinion?.item ?? [])
  const { attributes, failed } = voteOnAttributes(
    seen.map((annotation) => ({ annotation, weight: 1 })),
    rules,
  )
  for (const { name, vote } of failed)
    listener.onFinding({ ...attributeFinding(name, vote), item: where, annotators: [] })
  const tags = [...new Set(seen.flatMap(({ tags: own = [] }) => own))].filter(
    (tag) => seen.filter(({ tags: own = [] }) => own.includes(tag)).length >= rules.quorum,
  )
  const { attributes: _, tags: __, ...rest } = base
  return {
    ...rest,
    ...(attributes !== undefined && { attributes }),
    ...(tags.length > 0 && { tags }),
  }
}

function attributeFinding(
  attribute: string,
  { counts }: MergedCluster['failed'][number]['vote'],
): Pick<ConsensusFinding, 'type' | 'attribute' | 'votes'> {
  return { type: 'failed-attribute-voting', attribute, votes: counts }
}

/** An annotation of the result with what it was made of. */
interface Decided {
  readonly cluster: Cluster
  readonly annotation: Annotation
}

function decideAnnotations(item: ItemVote, key: AnnotatedItem): readonly Annotation[] {
  const { opinions, rules } = item
  const lists = opinions.map((opinion) => opinion?.annotations ?? [])
  const decided: Decided[] = []
  const used = new Set<string>()
  const uids = lists.map(() => new Map<string, string>())
  const decide = (annotators: readonly (readonly Annotation[])[]): void => {
    for (const cluster of matchAnnotators(annotators, rules)) {
      const annotation = decideCluster(item, cluster)
      if (annotation === undefined) continue
      const named = withFreeUid(annotation, key, rules.layer, used)
      decided.push({ cluster, annotation: named })
      for (const [annotator, member] of cluster.entries())
        if (member !== undefined) uids[annotator]?.set(member.uid, named.uid)
    }
  }
  const types = new Set(lists.flatMap((list) => list.map(({ type }) => type)))
  types.delete('relation')
  for (const type of types) decide(lists.map((list) => ofType(list, type)))
  decide(lists.map((list, annotator) => betweenResults(list, uids[annotator])))
  const places = new Map(lists.flatMap((list) => list.map((each, place) => [each, place] as const)))
  const placeOf = ({ cluster }: Decided): number =>
    Math.min(...cluster.flatMap((member) => (member && places.get(member)) ?? []))
  return joinGroups(
    decided
      .map((each) => ({ each, place: placeOf(each) }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ each }) => each),
  )
}

function ofType(list: readonly Annotation[], type: AnnotationType): readonly Annotation[] {
  return list.filter((annotation) => annotation.type === type)
}

/** Relations between what came into the result, by the uids that it has there. */
function betweenResults(
  list: readonly Annotation[],
  uids: ReadonlyMap<string, string> | undefined,
): readonly Annotation[] {
  return list.flatMap((annotation): readonly Annotation[] => {
    if (annotation.type !== 'relation') return []
    const subject = uids?.get(annotation.subject)
    const object = uids?.get(annotation.object)
    return subject === undefined || object === undefined ? [] : [{ ...annotation, subject, object }]
  })
}

function withFreeUid(
  annotation: Annotation,
  key: AnnotatedItem,
  layer: string,
  used: Set<string>,
): Annotation {
  if (!used.has(annotation.uid)) {
    used.add(annotation.uid)
    return annotation
  }
  const { uid: _, ...draft } = annotation
  return { ...annotation, uid: newUid(key, layer, draft, used) }
}

function decideCluster(item: ItemVote, cluster: Cluster): Annotation | undefined {
  const { opinions, rules, listener, where } = item
  const seen = opinions.filter((opinion) => opinion !== undefined).length
  const merged = mergeCluster(cluster, seen, rules)
  const { annotation, category, failed } = merged
  const uid = annotation?.uid ?? cluster.find((member) => member !== undefined)?.uid
  const about = { item: where, ...(uid !== undefined && { uid }), ...categoriesOf(item, merged) }
  listener.onObject(judged(item, cluster))
  const missing = namesOf(item, (at) => opinions[at] !== undefined && cluster[at] === undefined)
  if (missing.length > 0)
    listener.onFinding({ type: 'no-matching-annotation', ...about, annotators: missing })
  const isDecided = category.count >= rules.quorum
  if (!isDecided || category.isTie)
    listener.onFinding({
      type: 'failed-category-voting',
      ...about,
      annotators: namesOf(item, (at) => cluster[at] !== undefined && !merged.voters.includes(at)),
      votes: namedVotes(item, category),
    })
  if (annotation === undefined) return undefined
  for (const { name, vote } of failed)
    listener.onFinding({
      ...attributeFinding(name, vote),
      ...about,
      annotators: namesOf(item, (at) => merged.voters.includes(at)),
    })
  return (annotation.score ?? 1) < rules.minScore ? undefined : annotation
}

function categoriesOf(
  { nameOf }: ItemVote,
  { category: { winner } }: MergedCluster,
): Pick<ConsensusFinding, 'categories'> {
  return winner === null ? {} : { categories: [nameOf(winner)] }
}

function namedVotes(
  { nameOf }: ItemVote,
  { counts }: VoteCount<string | null>,
): NonNullable<ConsensusFinding['votes']> {
  return counts.map(({ value, count }) => ({
    value: value === null ? null : nameOf(value),
    count,
  }))
}

function judged({ opinions, rules, nameOf }: ItemVote, cluster: Cluster): JudgedObject {
  return {
    categories: opinions.map((opinion, annotator) => {
      if (opinion === undefined) return undefined
      const member = cluster[annotator]
      if (member === undefined) return null
      return member.category === undefined ? '' : nameOf(member.category)
    }),
    similarity: (a, b) => {
      const first = cluster[a]
      const second = cluster[b]
      return first === undefined || second === undefined ? 0 : rules.similarity(first, second)
    },
  }
}

function reportTooClose(
  { rules, listener, where }: ItemVote,
  annotations: readonly Annotation[],
): void {
  const likeness = similarityFrom(rules.similarity, rules.closeness)
  for (const type of new Set(annotations.map((annotation) => annotation.type))) {
    const list = ofType(annotations, type)
    for (const { first, second, similarity, by } of overlapCandidates(list, list, likeness)) {
      const [a, b] = [list[first], list[second]]
      if (by !== 'place' || first >= second || similarity <= rules.closeness) continue
      if (a !== undefined && b !== undefined)
        listener.onFinding({
          type: 'annotations-too-close',
          item: where,
          annotators: [],
          uid: a.uid,
          otherUid: b.uid,
          similarity,
        })
    }
  }
}
