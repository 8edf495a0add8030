import {
  checkDataset,
  checkedImage,
  type CheckFinding,
  CHECKS,
  withoutStatedSize,
} from '@dsv/analysis'
import type { AnnotatedItem, Annotation, DatasetContent, Media, TransformInput } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapItems } from '../map-items.ts'
import type { Step, StepContext } from '../step.ts'
import { readFindings } from './read-findings.ts'
import { ANNOTATION_REPAIRS } from './repair-annotation.ts'
import { repairSchema } from './repair-schema.ts'

/**
 * Repairs or drops what checks found: those of a report, or its own. Memory grows with the findings, not with the
 * dataset.
 */
export const correct: Step = defineStep({
  name: 'correct',
  summary: 'Repair or drop what `dsv check` finds',
  options: {
    checks: {
      type: 'list',
      describe:
        'Only findings of these checks; by default of all that are repaired without being asked',
    },
    findings: {
      type: 'string',
      isFile: true,
      describe:
        'A report of `dsv check --json`, whose findings are repaired; else the step checks by itself',
    },
    'any-version': {
      type: 'boolean',
      describe: 'Take a report of another version of the dataset',
    },
  },
  apply: async ([input], options, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const chosen = chosenChecks(options.checks, options.findings !== undefined)
    const findings =
      options.findings === undefined
        ? await ownFindings(input, chosen, context)
        : reportedFindings(input, options.findings, context, {
            chosen,
            takesAny: options['any-version'] === true,
          })
    const schema = await repairSchema(input.view, findings)
    for (const finding of findings) if (SCHEMA_CHECKS.has(finding.check)) note(context, finding)
    const byItem = groupByItem(findings)
    const items = mapItems(input.view, (item) => {
      const ofItem = byItem.get(itemKey(item))
      return ofItem === undefined ? item : repairItem(item, ofItem, context)
    })
    return { schema, items }
  },
})

async function ownFindings(
  { view }: TransformInput,
  chosen: ReadonlySet<string>,
  context: StepContext,
): Promise<readonly CheckFinding[]> {
  const limit = Number.POSITIVE_INFINITY
  const { findings } = await checkDataset(view, {
    only: [...chosen],
    limit,
    signal: context.signal,
    readMedia: async (media) => context.readMedia(media),
  })
  return findings
}

function reportedFindings(
  { path, datasetId }: TransformInput,
  report: string,
  context: StepContext,
  { chosen, takesAny }: { readonly chosen: ReadonlySet<string>; readonly takesAny: boolean },
): readonly CheckFinding[] {
  const { id, findings, unlisted } = readFindings(report, path)
  if (!takesAny && id !== datasetId)
    throw optionInvalid(
      'correct',
      'findings',
      'is about another version of the dataset: check again, or say `any-version`',
    )
  for (const [check, count] of unlisted)
    if (chosen.has(check))
      context.onNote({ what: `${check}: ${count} more are not in the report`, where: path || '.' })
  return findings.filter(({ check }) => chosen.has(check))
}

/** Findings that the schema settles. */
const SCHEMA_CHECKS: ReadonlySet<string> = new Set([
  'category-undefined',
  'category-unused',
  'attribute-undefined',
])

/** Findings for which an item goes. */
const DROPPED_ITEMS: ReadonlySet<string> = new Set([
  'item-unannotated',
  'several-labels',
  'subset-leak',
  'image-duplicate',
  'subset-near-leak',
])

/** Findings for which a medium goes, and with the image itself the item. */
const DROPPED_MEDIA: ReadonlySet<string> = new Set(['image-missing', 'image-broken'])

function chosenChecks(
  names: readonly string[] | undefined,
  hasReport: boolean,
): ReadonlySet<string> {
  const repairable = CHECKS.filter(({ repair }) => repair !== undefined)
  const unknown = names?.find((name) => !repairable.some((check) => check.name === name))
  if (unknown !== undefined)
    throw optionInvalid(
      'correct',
      'checks',
      `names nothing that is repaired: ${JSON.stringify(unknown)}`,
    )
  // To read all pixels has to be asked for as well; a report says whether somebody did.
  const usual = repairable.filter(
    ({ repair, needsPixels }) => repair?.isAsked !== true && (hasReport || needsPixels !== true),
  )
  return new Set(names ?? usual.map(({ name }) => name))
}

function repairItem(
  item: AnnotatedItem,
  findings: readonly CheckFinding[],
  context: StepContext,
): AnnotatedItem | undefined {
  const main = checkedImage(item)?.path
  const dropping = findings.find(
    ({ check, media }) => DROPPED_ITEMS.has(check) || (DROPPED_MEDIA.has(check) && media === main),
  )
  if (dropping !== undefined) {
    note(context, dropping)
    return undefined
  }
  const byUid = new Map<string, CheckFinding[]>()
  for (const finding of findings) {
    const key = uidKey(finding.layer, finding.annotation)
    byUid.set(key, [...(byUid.get(key) ?? []), finding])
  }
  const media = repairedMedia(item.media, findings, context)
  const image = checkedImage({ media })
  const layers: Record<string, readonly Annotation[]> = {}
  for (const [layer, annotations] of Object.entries(item.layers))
    layers[layer] = annotations.flatMap(
      (each) => repaired(each, byUid.get(uidKey(layer, each.uid)) ?? [], image, context) ?? [],
    )
  const isResized = findings.some(({ check }) => check === 'image-size-mismatch')
  return { ...(isResized ? withoutStatedSize(item) : item), media, layers }
}

function repairedMedia(
  media: readonly Media[],
  findings: readonly CheckFinding[],
  context: StepContext,
): readonly Media[] {
  return media.flatMap((medium) => {
    const own = findings.filter((finding) => finding.media === medium.path)
    const dropping = own.find(({ check }) => DROPPED_MEDIA.has(check))
    const sizing = own.find(({ check }) => check === 'image-size-mismatch')
    if (dropping !== undefined) {
      note(context, dropping)
      return []
    }
    if (sizing?.size === undefined) return [medium]
    note(context, sizing)
    const [width, height] = sizing.size
    return [{ ...medium, width, height }]
  })
}

function repaired(
  annotation: Annotation,
  findings: readonly CheckFinding[],
  image: Media | undefined,
  context: StepContext,
): Annotation | undefined {
  let left: Annotation | undefined = annotation
  for (const finding of findings) {
    const repair = ANNOTATION_REPAIRS.get(finding.check)
    if (repair === undefined || left === undefined) continue
    const after: Annotation | undefined = repair(left, finding, image)
    if (after !== left) note(context, finding)
    left = after
  }
  return left
}

function note({ onNote }: StepContext, { check, subset, id, message }: CheckFinding): void {
  const does = CHECKS.find(({ name }) => name === check)?.repair?.does ?? ''
  onNote({ what: `${check}: ${does}`, where: id === undefined ? message : `${subset}/${id}` })
}

function groupByItem(
  findings: readonly CheckFinding[],
): ReadonlyMap<string, readonly CheckFinding[]> {
  const groups = new Map<string, CheckFinding[]>()
  for (const finding of findings) {
    const { subset, id } = finding
    if (subset === undefined || id === undefined) continue
    const group = groups.get(itemKey({ subset, id })) ?? []
    groups.set(itemKey({ subset, id }), group)
    group.push(finding)
  }
  return groups
}

function itemKey({ subset, id }: { readonly subset: string; readonly id: string }): string {
  return JSON.stringify([subset, id])
}

function uidKey(layer: string | undefined, uid: string | undefined): string {
  return JSON.stringify([layer, uid])
}
