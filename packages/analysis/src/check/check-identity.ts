import type { Annotation } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames, quoted } from './describe-annotation.ts'
import { statementKey } from './geometry-numbers.ts'
import { type RepeatedKeys, repeatedKeys } from './repeated-keys.ts'

/** Checks of what annotations are to each other. Memory: 40 bytes an annotation of COCO, for its id. */
export const IDENTITY_CHECKS: CheckFamily = {
  title: 'Annotations among each other',
  checks: [
    {
      name: 'annotation-duplicate',
      severity: 'warning',
      about: 'Two annotations of an item have the same type, category and shape.',
      repair: { does: 'drops the second annotation' },
    },
    {
      name: 'source-id-duplicate',
      severity: 'warning',
      about:
        'Two annotations (in COCO of a subset, else of an item), or two categories, have the same id in the source.',
      repair: { does: 'removes the id of the second annotation', isAsked: true },
    },
    {
      name: 'group-orphan',
      severity: 'info',
      about: 'An annotation is in a group of which nothing else is in the item.',
      repair: { does: 'takes the annotation out of the group', isAsked: true },
    },
    {
      name: 'relation-broken',
      severity: 'error',
      about: 'A relation names an annotation that the item does not have.',
      repair: { does: 'drops the relation' },
    },
  ],
  inspect: inspectIdentity,
}

function inspectIdentity(context: InspectContext): Inspector {
  const { schema, format, isOn, report } = context
  const describe = annotationNames(schema)
  // Other formats number the annotations of each item anew.
  const ids = format === 'coco' && isOn('source-id-duplicate') ? repeatedKeys() : undefined
  const item = (checked: CheckedItem): void => {
    const { item: place, annotations, all } = checked
    const { subset, id } = place
    const seen = new Set<string>()
    const groups = new Map<unknown, number>()
    const uids = new Set(all.map(({ uid }) => uid))
    for (const { group } of all)
      if (group !== undefined) groups.set(group, (groups.get(group) ?? 0) + 1)
    for (const annotation of annotations) {
      const found = { subset, id, annotation: annotation.uid }
      const statement = statementKey(annotation)
      if (seen.has(statement))
        report('annotation-duplicate', {
          ...found,
          message: `${describe(annotation)} is there twice`,
        })
      seen.add(statement)
      if (annotation.group !== undefined && groups.get(annotation.group) === 1)
        report('group-orphan', {
          ...found,
          message: `${describe(annotation)} is alone in the group ${JSON.stringify(annotation.group)}`,
        })
      if (
        annotation.type === 'relation' &&
        !(uids.has(annotation.subject) && uids.has(annotation.object))
      )
        report('relation-broken', {
          ...found,
          message: `The relation ${quoted(annotation.predicate)} names an annotation that is not there`,
        })
    }
    if (ids === undefined) reportTwins(context, checked, new Set())
    else
      for (const annotation of annotations)
        for (const key of idKeys(context, subset, annotation)) ids.add(key)
  }
  return {
    item,
    ...(ids !== undefined && twinsBySubset(context, ids)),
    end: () => reportCategoryTwins(context),
  }
}

/** The second look, at the ids that occur more than once in a subset. */
function twinsBySubset(
  context: InspectContext,
  ids: RepeatedKeys,
): Pick<Inspector, 'needsSecondLook' | 'itemAgain'> {
  const seen = new Set<string>()
  return {
    needsSecondLook: ids.hasRepeated,
    itemAgain: (checked) => {
      const annotations = checked.annotations.filter((annotation) =>
        idKeys(context, checked.item.subset, annotation).some((key) => ids.isRepeated(key)),
      )
      reportTwins(context, { ...checked, annotations }, seen)
    },
  }
}

function reportTwins(
  context: InspectContext,
  { item: { subset, id }, annotations }: CheckedItem,
  seen: Set<string>,
): void {
  const { schema, report } = context
  const describe = annotationNames(schema)
  for (const annotation of annotations)
    for (const key of idKeys(context, subset, annotation)) {
      if (seen.has(key))
        report('source-id-duplicate', {
          subset,
          id,
          annotation: annotation.uid,
          message: `${describe(annotation)} has the id ${JSON.stringify(annotation.sourceId)}, as one before has`,
        })
      seen.add(key)
    }
}

/** Parts of one record share its id: they are grouped, or of different types. Tracks share theirs over items. */
function idKeys(
  { format }: InspectContext,
  subset: string,
  { type, sourceId, group, track }: Annotation,
): readonly string[] {
  if (sourceId === undefined || group !== undefined || track !== undefined) return []
  return [JSON.stringify(format === 'coco' ? [subset, sourceId] : [type, sourceId])]
}

function reportCategoryTwins({ schema, report }: InspectContext): void {
  const seen = new Map<string, string>()
  for (const { key, name, sourceIds = {} } of schema.categories)
    for (const [format, id] of Object.entries(sourceIds)) {
      const text = JSON.stringify([format, id])
      const other = seen.get(text)
      if (other !== undefined)
        report('source-id-duplicate', {
          category: key,
          message: `${quoted(name)} has the id ${JSON.stringify(id)} in ${format}, as ${quoted(other)} has`,
        })
      else seen.set(text, name)
    }
}
