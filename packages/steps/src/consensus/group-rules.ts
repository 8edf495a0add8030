import type { Annotation, CategoryKey } from '@dsv/core'

/** Categories that belong together: all that are not optional have to be there, and no others. */
export interface GroupRule {
  readonly categories: ReadonlySet<string>
  readonly optional: ReadonlySet<string>
}

/** Reads `person,hand?,head;car,wheel?`: rules with `;` between them, `?` behind what may be missing. */
export function parseGroupRules(text: string): readonly GroupRule[] {
  return text.split(';').flatMap((rule) => {
    const words = rule
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
    if (words.length === 0) return []
    const optional = words.filter((word) => word.endsWith('?')).map((word) => word.slice(0, -1))
    return [
      {
        categories: new Set(words.map((word) => (word.endsWith('?') ? word.slice(0, -1) : word))),
        optional: new Set(optional),
      },
    ]
  })
}

/** Returns the groups of an item that break a rule, by the names of their categories; what has no group is one alone. */
export function wrongGroups(
  annotations: readonly Annotation[],
  rules: readonly GroupRule[],
  nameOf: (key: CategoryKey) => string,
): readonly { readonly annotations: readonly Annotation[]; readonly names: readonly string[] }[] {
  const groups = new Map<string, Annotation[]>()
  for (const annotation of annotations) {
    if (annotation.category === undefined) continue
    const { group, uid } = annotation
    const key = group === undefined ? `alone ${uid}` : `group ${typeof group} ${group}`
    groups.set(key, [...(groups.get(key) ?? []), annotation])
  }
  return [...groups.values()].flatMap((members) => {
    const names = [...new Set(members.map(({ category = '' }) => nameOf(category)))].toSorted()
    return rules.some((rule) => breaks(rule, names)) ? [{ annotations: members, names }] : []
  })
}

/** A rule is about the groups that have one of its categories. */
function breaks({ categories, optional }: GroupRule, names: readonly string[]): boolean {
  if (!names.some((name) => categories.has(name))) return false
  const hasOther = names.some((name) => !categories.has(name))
  const lacksOne = [...categories].some((name) => !optional.has(name) && !names.includes(name))
  return hasOther || lacksOne
}
