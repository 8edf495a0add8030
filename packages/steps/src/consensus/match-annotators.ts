import { type Annotation, assignPairs, overlapCandidates, type WeightedPair } from '@dsv/core'
import { isEqualOrNot, sayingOf, type Similarity, similarityFrom } from './annotation-similarity.ts'

/** What several annotators say of one object: at most one annotation of each, by their order. */
export type Cluster = readonly (Annotation | undefined)[]

/** What counts as one object. */
export interface MatchRules {
  readonly similarity: Similarity
  /** Two annotations of one object are at least so alike. */
  readonly threshold: number
  /** Whether they have to be of one category. */
  readonly isSameCategory: boolean
}

/** Rounds of reassignment; each makes the sum of likenesses greater, and most items need one. */
const MAX_ROUNDS = 8

/**
 * Finds out which annotations of several annotators, all of one type, are about one object. All annotations of a
 * cluster are alike in pairs, and no two are of one annotator.
 *
 * First pairs are joined by decreasing likeness, one category before others, as far as that holds. Then, annotator by
 * annotator, all of their annotations are assigned anew to the clusters that the others form, with the greatest sum of
 * likenesses (Munkres), until nothing gets better. For two annotators that is the best matching there is; for more, no
 * single annotator can be matched better. Cost: the pairs that overlap, and the cube of the annotations that hang
 * together by overlaps (above 200 of one annotator: without the second part).
 */
export function matchAnnotators(
  annotators: readonly (readonly Annotation[])[],
  rules: MatchRules,
): readonly Cluster[] {
  const [type] = annotators.flatMap(([first]) => first?.type ?? [])
  if (type === undefined) return []
  if (isEqualOrNot(type)) return matchEqual(annotators)
  const graph = likenessGraph(annotators, rules)
  const clusters = componentsOf(graph).flatMap((nodes) => matchComponent(graph, nodes))
  return clusters
    .map((cluster) => cluster.toSorted((a, b) => a - b))
    .toSorted(([a = 0], [b = 0]) => a - b)
    .map((cluster) => {
      const row: (Annotation | undefined)[] = annotators.map(() => undefined)
      for (const node of cluster) row[graph.annotatorOf(node)] = graph.annotations[node]
      return row
    })
}

/** Each annotator's first with the same saying, each one's second, and so on. */
function matchEqual(annotators: readonly (readonly Annotation[])[]): readonly Cluster[] {
  const clusters = new Map<string, (Annotation | undefined)[]>()
  for (const [at, annotations] of annotators.entries()) {
    const seen = new Map<string, number>()
    for (const annotation of annotations) {
      const saying = sayingOf(annotation)
      const ordinal = seen.get(saying) ?? 0
      seen.set(saying, ordinal + 1)
      const key = `${ordinal} ${saying}`
      const row = clusters.get(key) ?? annotators.map(() => undefined)
      row[at] = annotation
      clusters.set(key, row)
    }
  }
  return [...clusters.values()]
}

/** Annotations as numbers, and how alike they are. */
interface LikenessGraph {
  readonly annotations: readonly Annotation[]
  readonly annotatorOf: (node: number) => number
  /** Nodes of other annotators that are alike enough, with the worth of joining them. */
  readonly neighbours: readonly ReadonlyMap<number, number>[]
}

function likenessGraph(
  annotators: readonly (readonly Annotation[])[],
  { similarity, threshold, isSameCategory }: MatchRules,
): LikenessGraph {
  const starts: number[] = []
  const owners: number[] = []
  for (const [at, list] of annotators.entries()) {
    starts.push(owners.length)
    for (const _ of list) owners.push(at)
  }
  const neighbours = owners.map(() => new Map<number, number>())
  const likeness = similarityFrom(similarity, threshold)
  for (const [a, first] of annotators.entries())
    for (let b = a + 1; b < annotators.length; b++) {
      const second = annotators[b] ?? []
      for (const pair of overlapCandidates(first, second, likeness)) {
        if (pair.by !== 'place' || pair.similarity < threshold) continue
        const isOneCategory = first[pair.first]?.category === second[pair.second]?.category
        if (isSameCategory && !isOneCategory) continue
        const worth = pair.similarity + (isOneCategory ? 1 : 0)
        const [from, to] = [(starts[a] ?? 0) + pair.first, (starts[b] ?? 0) + pair.second]
        neighbours[from]?.set(to, worth)
        neighbours[to]?.set(from, worth)
      }
    }
  return {
    annotations: annotators.flat(),
    annotatorOf: (node) => owners[node] ?? 0,
    neighbours,
  }
}

function componentsOf({ neighbours }: LikenessGraph): readonly (readonly number[])[] {
  const seen = new Set<number>()
  return neighbours.flatMap((_, start) => {
    if (seen.has(start)) return []
    const nodes = [start]
    seen.add(start)
    for (const node of nodes)
      for (const other of neighbours[node]?.keys() ?? [])
        if (!seen.has(other)) {
          seen.add(other)
          nodes.push(other)
        }
    return [nodes]
  })
}

function matchComponent(
  graph: LikenessGraph,
  nodes: readonly number[],
): readonly (readonly number[])[] {
  if (nodes.length === 1) return [nodes]
  let clusters = joinGreedily(graph, nodes)
  const owners = [...new Set(nodes.map((node) => graph.annotatorOf(node)))].toSorted(
    (a, b) => a - b,
  )
  let worth = worthOf(graph, clusters)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = worth
    for (const owner of owners) {
      const changed = reassign(graph, clusters, owner)
      const changedWorth = worthOf(graph, changed)
      if (changedWorth <= worth + 1e-9) continue
      clusters = changed
      worth = changedWorth
    }
    if (worth === before) break
  }
  return clusters
}

function joinGreedily(
  { neighbours, annotatorOf }: LikenessGraph,
  nodes: readonly number[],
): readonly (readonly number[])[] {
  const clusterOf = new Map<number, readonly number[]>(nodes.map((node) => [node, [node]]))
  const pairs = nodes.flatMap((from) =>
    [...(neighbours[from] ?? [])].flatMap(([to, worth]) =>
      from < to ? [{ from, to, worth }] : [],
    ),
  )
  pairs.sort((a, b) => b.worth - a.worth || a.from - b.from || a.to - b.to)
  for (const { from, to } of pairs) {
    const first = clusterOf.get(from)
    const second = clusterOf.get(to)
    if (first === undefined || second === undefined || first === second) continue
    const areAlike = first.every((a) =>
      second.every((b) => neighbours[a]?.has(b) === true && annotatorOf(a) !== annotatorOf(b)),
    )
    if (!areAlike) continue
    const joined = [...first, ...second]
    for (const node of joined) clusterOf.set(node, joined)
  }
  return [...new Set(clusterOf.values())]
}

/** Gives all annotations of one annotator the best places among the clusters of the others. */
function reassign(
  { neighbours, annotatorOf }: LikenessGraph,
  clusters: readonly (readonly number[])[],
  owner: number,
): readonly (readonly number[])[] {
  const own = clusters.flat().filter((node) => annotatorOf(node) === owner)
  const others = clusters
    .map((cluster) => cluster.filter((node) => annotatorOf(node) !== owner))
    .filter(({ length }) => length > 0)
  const clusterOf = new Map(
    others.flatMap((cluster, at) => cluster.map((node) => [node, at] as const)),
  )
  const pairs = own.flatMap((node, first) => {
    const reached = new Map<number, { readonly count: number; readonly weight: number }>()
    for (const [other, worth] of neighbours[node] ?? []) {
      const second = clusterOf.get(other)
      if (second === undefined) continue
      const { count, weight } = reached.get(second) ?? { count: 0, weight: 0 }
      reached.set(second, { count: count + 1, weight: weight + worth })
    }
    return [...reached].flatMap(([second, { count, weight }]): readonly WeightedPair[] =>
      count === others[second]?.length ? [{ first, second, weight }] : [],
    )
  })
  const placeOf = new Map(assignPairs(pairs).map(({ first, second }) => [first, second]))
  const filled = others.map((cluster) => [...cluster])
  const alone: number[][] = []
  for (const [first, node] of own.entries()) {
    const place = filled[placeOf.get(first) ?? -1]
    if (place === undefined) alone.push([node])
    else place.push(node)
  }
  return [...filled, ...alone]
}

function worthOf({ neighbours }: LikenessGraph, clusters: readonly (readonly number[])[]): number {
  let worth = 0
  for (const cluster of clusters)
    for (const [at, a] of cluster.entries())
      for (const b of cluster.slice(at + 1)) worth += neighbours[a]?.get(b) ?? 0
  return worth
}
