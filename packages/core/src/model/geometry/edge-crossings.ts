import type { Parts } from './polygon.ts'

interface Edge {
  readonly left: number
  readonly right: number
  readonly points: readonly [number, number, number, number]
}

/**
 * Returns whether the edges of all rings together cross each other more than `limit` times. Stops at
 * the limit; edges that only touch do not count.
 */
export function hasManyCrossings(parts: Parts, limit: number): boolean {
  const edges = edgesOf(parts).toSorted((a, b) => a.left - b.left)
  let crossings = 0
  for (const [index, edge] of edges.entries()) {
    for (let next = index + 1; next < edges.length; next++) {
      const other = edges[next]
      if (other === undefined || other.left >= edge.right) break
      if (isCrossing(edge.points, other.points) && ++crossings > limit) return true
    }
  }
  return false
}

function edgesOf(parts: Parts): readonly Edge[] {
  return parts.flat().flatMap((ring) => {
    const edges: Edge[] = []
    const length = ring.length - (ring.length % 2)
    for (let index = 0; index < length; index += 2) {
      const at = (offset: number): number => ring[(index + offset) % length] ?? 0
      const points = [at(0), at(1), at(2), at(3)] as const
      edges.push({ left: Math.min(at(0), at(2)), right: Math.max(at(0), at(2)), points })
    }
    return edges
  })
}

function isCrossing(a: Edge['points'], b: Edge['points']): boolean {
  return (
    side(a, b[0], b[1]) * side(a, b[2], b[3]) < 0 && side(b, a[0], a[1]) * side(b, a[2], a[3]) < 0
  )
}

function side([x0, y0, x1, y1]: Edge['points'], x: number, y: number): number {
  return (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
}
