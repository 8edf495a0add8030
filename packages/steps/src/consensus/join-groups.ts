import { joinedSets } from '@dsv/analysis'
import type { Annotation } from '@dsv/core'
import type { Cluster } from './match-annotators.ts'

/** An annotation that came out of a cluster. */
export interface Joined {
  readonly cluster: Cluster
  readonly annotation: Annotation
}

/**
 * Returns the annotations with the groups that their annotators put them into: what one annotator has in one group is
 * in one group. A group keeps the id that the first of them gave it, or gets the next free number.
 */
export function joinGroups(joined: readonly Joined[]): readonly Annotation[] {
  const setOf = new Map<string, number>()
  const sets = joinedSets(joined.length)
  for (const [at, { cluster }] of joined.entries())
    for (const [annotator, member] of cluster.entries()) {
      if (member?.group === undefined) continue
      const mark = `${annotator} ${typeof member.group} ${member.group}`
      const known = setOf.get(mark)
      if (known === undefined) setOf.set(mark, at)
      else sets.join(known, at)
    }
  const firsts = sets.firsts()
  const ids = new Map<number, number | string>()
  const used = new Set<number | string>()
  return joined.map(({ cluster, annotation }, at) => {
    const wish = cluster.find((member) => member?.group !== undefined)?.group
    const { group: _, ...rest } = annotation
    if (wish === undefined) return rest
    const root = firsts[at] ?? at
    const id = ids.get(root) ?? freeGroup(wish, used)
    ids.set(root, id)
    used.add(id)
    return { ...rest, group: id }
  })
}

function freeGroup(wish: number | string, used: ReadonlySet<number | string>): number | string {
  if (!used.has(wish)) return wish
  let number = 1
  while (used.has(number)) number++
  return number
}
