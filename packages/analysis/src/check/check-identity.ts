import type { Annotation } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames, type DescribeAnnotation, quoted } from './describe-annotation.ts'
import { roughStatement, saySame } from './geometry-numbers.ts'
import { type RepeatedKeys, repeatedKeys } from './repeated-keys.ts'

/** Checks of what annotations are to each other. Memory: 8 bytes an annotation of COCO, for its id. */
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
  const { schema, format, isOn } = context
  // Other formats number the annotations of each item anew.
  const ids = format === 'coco' && isOn('source-id-duplicate') ? repeatedKeys() : undefined
  const describe = annotationNames(schema)
  const item = (checked: CheckedItem): void => {
    reportDuplicates(context, checked, describe)
    reportOrphans(context, checked, describe)
    reportRelations(context, checked)
    if (ids === undefined) reportTwins(context, checked, describe, new Set())
    else
      for (const annotation of checked.annotations) {
        const key = idKey(context, checked.item.subset, annotation)
        if (key !== undefined) ids.add(key)
      }
  }
  return {
    item,
    ...(ids !== undefined && twinsBySubset(context, ids, describe)),
    end: () => reportCategoryTwins(context),
  }
}

function reportDuplicates(
  { report }: InspectContext,
  { item: { subset, id }, annotations }: CheckedItem,
  describe: DescribeAnnotation,
): void {
  if (annotations.length < 2) return
  const seen = new Map<string, Annotation[]>()
  for (const annotation of annotations) {
    const rough = roughStatement(annotation)
    const alike = seen.get(rough)
    if (alike === undefined) seen.set(rough, [annotation])
    else if (alike.some((other) => saySame(other, annotation)))
      report('annotation-duplicate', {
        subset,
        id,
        annotation: annotation.uid,
        message: `${describe(annotation)} is there twice`,
      })
    else alike.push(annotation)
  }
}

function reportOrphans(
  { report }: InspectContext,
  { item: { subset, id }, annotations, all }: CheckedItem,
  describe: DescribeAnnotation,
): void {
  if (annotations.every(({ group }) => group === undefined)) return
  const sizes = new Map<unknown, number>()
  for (const { group } of all) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  for (const annotation of annotations)
    if (annotation.group !== undefined && sizes.get(annotation.group) === 1)
      report('group-orphan', {
        subset,
        id,
        annotation: annotation.uid,
        message: `${describe(annotation)} is alone in the group ${JSON.stringify(annotation.group)}`,
      })
}

function reportRelations(
  { report }: InspectContext,
  { item: { subset, id }, annotations, all }: CheckedItem,
): void {
  const relations = annotations.flatMap((each) => (each.type === 'relation' ? [each] : []))
  if (relations.length === 0) return
  const uids = new Set(all.map(({ uid }) => uid))
  for (const { uid, subject, predicate, object } of relations)
    if (!uids.has(subject) || !uids.has(object))
      report('relation-broken', {
        subset,
        id,
        annotation: uid,
        message: `The relation ${quoted(predicate)} names an annotation that is not there`,
      })
}

/** The second look, at the ids that occur more than once in a subset. */
function twinsBySubset(
  context: InspectContext,
  ids: RepeatedKeys,
  describe: DescribeAnnotation,
): Pick<Inspector, 'needsSecondLook' | 'itemAgain'> {
  const seen = new Set<string>()
  const isRepeated = (subset: string, annotation: Annotation): boolean => {
    const key = idKey(context, subset, annotation)
    return key !== undefined && ids.isRepeated(key)
  }
  return {
    needsSecondLook: ids.hasRepeated,
    itemAgain: (checked) => {
      const { item, annotations } = checked
      const repeated = annotations.filter((each) => isRepeated(item.subset, each))
      reportTwins(context, { ...checked, annotations: repeated }, describe, seen)
    },
  }
}

function reportTwins(
  context: InspectContext,
  { item: { subset, id }, annotations }: CheckedItem,
  describe: DescribeAnnotation,
  seen: Set<string>,
): void {
  for (const annotation of annotations) {
    const key = idKey(context, subset, annotation)
    if (key === undefined) continue
    if (seen.has(key))
      context.report('source-id-duplicate', {
        subset,
        id,
        annotation: annotation.uid,
        message: `${describe(annotation)} has the id ${JSON.stringify(annotation.sourceId)}, as one before has`,
      })
    seen.add(key)
  }
}

/** Parts of one record share its id: they are grouped, or of different types. Tracks share theirs over items. */
function idKey(
  { format }: InspectContext,
  subset: string,
  { type, sourceId, group, track }: Annotation,
): string | undefined {
  if (sourceId === undefined || group !== undefined || track !== undefined) return undefined
  return `${typeof sourceId} ${sourceId} ${format === 'coco' ? subset : type}`
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
