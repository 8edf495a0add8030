import type { Annotation } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import type { XmlElement } from '../shared/xml-element.ts'
import { textOf } from './read-object.ts'

/** How an object stands to the others of its group. */
export interface ObjectParts {
  readonly parts: readonly number[]
  readonly parent: number | undefined
  /** The group, where the parts would give another one. */
  readonly stated: number | string | undefined
}

/** Ids and groups of the objects of an image. */
export interface ObjectNumbers {
  readonly ids: readonly number[]
  readonly groups: readonly ObjectParts[]
  /** Returns an id that is free. */
  readonly next: () => number
}

/** Numbers objects: as they were, or with the next number that is free. Groups become parts of one. */
export function numberObjects(
  annotations: readonly Annotation[],
  deleted: readonly XmlElement[],
): ObjectNumbers {
  const used = new Set(deleted.map((element) => Number(textOf(element, 'id'))))
  const wanted = annotations.map(({ sourceId }) => {
    const isId = typeof sourceId === 'number' && Number.isSafeInteger(sourceId) && sourceId >= 0
    if (!isId || sourceId >= 1e15 || used.has(sourceId)) return undefined
    used.add(sourceId)
    return sourceId
  })
  let free = 0
  const next = (): number => {
    while (used.has(free)) free += 1
    used.add(free)
    return free
  }
  const ids = wanted.map((id) => id ?? next())
  return { ids, groups: groupsOf(annotations, ids), next }
}

function groupsOf(
  annotations: readonly Annotation[],
  ids: readonly number[],
): readonly ObjectParts[] {
  const members = new Map<number | string, number[]>()
  for (const [at, { group }] of annotations.entries()) {
    if (group === undefined) continue
    const list = members.get(group)
    if (list === undefined) members.set(group, [at])
    else list.push(at)
  }
  const parents = new Map<number, number>()
  for (const [group, list] of members) {
    const leader = list.find((at) => ids[at] === group) ?? list[0] ?? 0
    for (const at of list) {
      if (at !== leader)
        parents.set(at, nestedParent(annotations[at], list, ids) ?? ids[leader] ?? 0)
    }
  }
  return annotations.map(({ group }, at) => {
    const list = group === undefined ? [] : (members.get(group) ?? [])
    const isTold = list.length > 1 && list.some((each) => ids[each] === group && !parents.has(each))
    return {
      parts: list.flatMap((each) => (parents.get(each) === ids[at] ? [ids[each] ?? 0] : [])),
      parent: parents.get(at),
      stated: isTold ? undefined : group,
    }
  })
}

/** A part of a part names its parent, as long as that is in the group. */
function nestedParent(
  annotation: Annotation | undefined,
  list: readonly number[],
  ids: readonly number[],
): number | undefined {
  const own = annotation?.extra?.['labelme-xml']
  const parent = isObject(own) ? own['parent'] : undefined
  return typeof parent === 'number' && list.some((at) => ids[at] === parent) ? parent : undefined
}
