import { type Annotation, contentKey, type ItemKey, newUid } from '@dsv/core'

/**
 * Returns the annotations of an item with those that others say of it, without what is said already: what differs in
 * nothing but uid, source id and group. Groups of the others stay apart from those that are there.
 */
export function uniteAnnotations(
  key: ItemKey,
  layer: string,
  own: readonly Annotation[],
  others: readonly Annotation[],
): readonly Annotation[] {
  const known = new Set(own.map(sayingOf))
  const used = new Set(own.map(({ uid }) => uid))
  const groups = own.flatMap(({ group }) => group ?? [])
  const highest = Math.max(0, ...groups.filter((group) => typeof group === 'number'))
  const taken = new Set(groups)
  const uids = new Map<string, string>()
  const added = others.flatMap((annotation): readonly Annotation[] => {
    if (known.has(sayingOf(annotation))) return []
    const { group, uid, ...draft } = annotation
    const newGroup =
      typeof group === 'number' ? group + highest : group === undefined ? group : free(group, taken)
    const newId = used.has(uid) ? newUid(key, layer, draft, used) : uid
    used.add(newId)
    uids.set(uid, newId)
    return [{ ...annotation, uid: newId, ...(newGroup !== undefined && { group: newGroup }) }]
  })
  return [...own, ...added.map((annotation) => withUids(annotation, uids))]
}

function sayingOf(annotation: Annotation): string {
  const { uid: _, sourceId: __, group: ___, ...saying } = annotation
  return contentKey(saying)
}

function free(group: string, taken: ReadonlySet<number | string>): string {
  let name = group
  for (let count = 2; taken.has(name); count++) name = `${group}-${count}`
  return name
}

/** A relation names its ends by uid. */
function withUids(annotation: Annotation, uids: ReadonlyMap<string, string>): Annotation {
  if (annotation.type !== 'relation') return annotation
  const { subject, object } = annotation
  return {
    ...annotation,
    subject: uids.get(subject) ?? subject,
    object: uids.get(object) ?? object,
  }
}
