import type { Json, Skeleton } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'

/** The nodes of a class of key points: their keys in order, and the skeleton that they are. */
export interface GraphNodes {
  readonly keys: readonly string[]
  readonly skeleton: Skeleton
}

/** Reads the `geometry_config` of a class; undefined when it has no nodes. */
export function graphNodes(config: Json | undefined): GraphNodes | undefined {
  if (!isObject(config) || !isObject(config['nodes'])) return undefined
  const nodes = Object.entries(config['nodes'])
  if (nodes.length === 0) return undefined
  const keys = nodes.map(([key]) => key)
  const points = nodes.map(([key, node]) => {
    const label = isObject(node) ? node['label'] : undefined
    return typeof label === 'string' ? label : key
  })
  const place = new Map(keys.map((key, at) => [key, at]))
  const list = isArray(config['edges']) ? config['edges'] : []
  const edges = list.flatMap((edge): readonly (readonly [number, number])[] => {
    if (!isObject(edge)) return []
    const { src, dst } = edge
    if (typeof src !== 'string' || typeof dst !== 'string') return []
    const [from, to] = [place.get(src), place.get(dst)]
    return from === undefined || to === undefined ? [] : [[from, to]]
  })
  return { keys, skeleton: { points, edges } }
}

/** Returns the `geometry_config` of a skeleton: the one that was read, where it says the same. */
export function graphConfig(skeleton: Skeleton, before: Json | undefined): JsonObject {
  const known = graphNodes(before)?.skeleton
  const isSame =
    known !== undefined &&
    JSON.stringify([known.points, known.edges]) ===
      JSON.stringify([skeleton.points, skeleton.edges])
  if (isSame && isObject(before)) return before
  const { points, edges } = skeleton
  return {
    nodes: Object.fromEntries(
      points.map((label, at) => [nodeKey(at), { label, loc: [(at + 1) * 10, (at + 1) * 10] }]),
    ),
    edges: edges.map(([from, to]) => ({ src: nodeKey(from), dst: nodeKey(to) })),
  }
}

/** Keys that look like numbers would be put in another order. */
function nodeKey(at: number): string {
  return `node-${at}`
}
