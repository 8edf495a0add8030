import type { CocoId } from './layout.ts'

/** Ids that are taken. Whole numbers that lie close together, which most do, take about a bit each. */
export interface IdSet {
  has(id: CocoId): boolean
  add(id: CocoId): void
}

/** Bits of a number that V8 keeps without a box. */
const GROUP = 31

/** Makes an empty set. */
export function idSet(): IdSet {
  const groups = new Map<number, number>()
  const others = new Set<CocoId>()
  return {
    has: (id) =>
      isWhole(id)
        ? (((groups.get(Math.floor(id / GROUP)) ?? 0) >>> (id % GROUP)) & 1) === 1
        : others.has(id),
    add: (id) => {
      if (!isWhole(id)) {
        others.add(id)
        return
      }
      const group = Math.floor(id / GROUP)
      groups.set(group, (groups.get(group) ?? 0) | (1 << (id % GROUP)))
    },
  }
}

function isWhole(id: CocoId): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0
}
