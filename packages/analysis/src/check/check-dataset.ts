import {
  type AnnotatedItem,
  type Annotation,
  type DatasetView,
  GROUND_TRUTH,
  type Media,
} from '@dsv/core'
import { giveWay } from '@dsv/store'
import type { CheckedItem, CheckFinding, CheckTask, InspectContext, Severity } from './check.ts'
import { checkedImage } from './checked-image.ts'
import { type CheckSelection, chooseChecks, type ChosenCheck } from './check-selection.ts'
import { CHECK_FAMILIES, CHECKS } from './registry.ts'

/** What is checked, and by which checks. */
export interface CheckRequest extends CheckSelection {
  /** The layer whose annotations are checked; default `ground_truth`. */
  readonly layer?: string
  /** Most findings of each check that are kept; they are counted all. Default 1,000. */
  readonly limit?: number
  /** The format that the dataset is in: in COCO ids are unique over items. */
  readonly format?: string
  readonly signal?: AbortSignal
  /** Reads a media file; needed by checks that read pixels. */
  readonly readMedia?: (media: Media) => Promise<Uint8Array>
  /** Told after each item, also of the second pass. */
  readonly onItem?: () => void
}

/** What a check found in all. */
export interface CheckCount {
  readonly name: string
  readonly severity: Severity
  /** Exact, however many findings are listed. */
  readonly found: number
}

/** What was found in a dataset. */
export interface CheckReport {
  readonly items: number
  /** Annotations that were checked. */
  readonly annotations: number
  /** All checks that ran. */
  readonly checks: readonly CheckCount[]
  /** Those that did not, for nobody asked for pixels. */
  readonly withoutPixels: readonly string[]
  /** In the order of checks, then of items; at most `limit` of each check. */
  readonly findings: readonly CheckFinding[]
}

/** How many findings of each check are kept by default. */
const LIMIT = 1000

/**
 * Looks for what is wrong or strange in a dataset: once over all items, and a second time only when a check needs to
 * know all of them first (outliers, equal images, ids that are there twice). Memory grows with categories × values of
 * attributes, with the findings that are kept, and by 8 bytes for each image and each annotation
 * of COCO.
 *
 * @throws `DSV_CHECK_UNKNOWN`, and what `readMedia` throws
 */
export async function checkDataset(
  view: Pick<DatasetView, 'schema' | 'items'>,
  request: CheckRequest = {},
): Promise<CheckReport> {
  const chosen = chooseChecks(request)
  const log = findingLog(chosen, request)
  const context = inspectContext(view, request, chosen, log)
  const inspectors = CHECK_FAMILIES.filter(({ checks }) =>
    checks.some(({ name }) => chosen.has(name)),
  ).map(({ inspect }) => inspect(context))
  const totals = { items: 0, annotations: 0 }
  for await (const checked of checkedItems(view, request)) {
    totals.items += 1
    totals.annotations += checked.annotations.length
    for (const inspector of inspectors) await inspector.item?.(checked)
  }
  const again = inspectors.filter((inspector) => inspector.needsSecondLook?.() === true)
  if (again.length > 0)
    for await (const checked of checkedItems(view, request))
      for (const inspector of again) await inspector.itemAgain?.(checked)
  for (const inspector of inspectors) await inspector.end?.()
  return { ...totals, ...log.result(), withoutPixels: withoutPixels(chosen, request) }
}

/** Adds up the counts of several reports by severity. */
export function countBySeverity(
  reports: readonly Pick<CheckReport, 'checks'>[],
): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { checks } of reports)
    for (const { severity, found } of checks) counts[severity] += found
  return counts
}

async function* checkedItems(
  view: Pick<DatasetView, 'items'>,
  { layer = GROUND_TRUTH, task, signal, onItem }: CheckRequest,
): AsyncGenerator<CheckedItem, void, undefined> {
  for await (const item of view.items()) {
    await giveWay()
    signal?.throwIfAborted()
    const all = annotationsOf(item, layer)
    const annotations = task === undefined ? all : all.filter((each) => isOfTask(each, task))
    yield { item, all, annotations, image: checkedImage(item) }
    onItem?.()
  }
}

function annotationsOf({ layers }: AnnotatedItem, layer: string): readonly Annotation[] {
  return Object.hasOwn(layers, layer) ? (layers[layer] ?? []) : []
}

const TASK_TYPES: Readonly<Record<CheckTask, ReadonlySet<string>>> = {
  classification: new Set(['label']),
  detection: new Set(['box', 'rotated-box', 'quad']),
  segmentation: new Set(['polygon', 'mask', 'panoptic-segment', 'ellipse']),
  tabular: new Set(['label', 'caption', 'tabular']),
}

/** Whether an annotation counts for a task. A stated box makes any shape one of detection. */
function isOfTask({ type, box }: Annotation, task: CheckTask): boolean {
  return TASK_TYPES[task].has(type) || (task === 'detection' && box !== undefined)
}

function inspectContext(
  view: Pick<DatasetView, 'schema' | 'items'>,
  { task, format, parameters = {}, signal, readMedia }: CheckRequest,
  chosen: ReadonlyMap<string, ChosenCheck>,
  log: FindingLog,
): InspectContext {
  return {
    schema: view.schema,
    items: (subset) => view.items(subset),
    signal: signal ?? new AbortController().signal,
    task,
    format,
    isOn: (check) => chosen.has(check),
    parameter: (check, name) => {
      const usual = CHECKS.find((each) => each.name === check)?.parameters?.[name]?.default
      const value = parameters[check]?.[name] ?? usual
      if (value === undefined) throw new Error(`The check ${check} has no parameter ${name}`)
      return value
    },
    report: log.add,
    readMedia: async (media) => {
      if (readMedia === undefined) throw new Error('Checks of pixels need readMedia')
      return readMedia(media)
    },
  }
}

interface FindingLog {
  readonly add: InspectContext['report']
  readonly result: () => Pick<CheckReport, 'checks' | 'findings'>
}

function findingLog(
  chosen: ReadonlyMap<string, ChosenCheck>,
  { limit = LIMIT, layer = GROUND_TRUTH }: CheckRequest,
): FindingLog {
  const found = new Map([...chosen.keys()].map((name) => [name, 0]))
  const kept = new Map<string, CheckFinding[]>()
  return {
    add: (name, draft) => {
      const check = chosen.get(name)
      if (check === undefined) return
      found.set(name, (found.get(name) ?? 0) + 1)
      const list = kept.get(name) ?? []
      kept.set(name, list)
      const place = draft.annotation === undefined ? draft : { ...draft, layer }
      if (list.length < limit) list.push({ check: name, severity: check.severity, ...place })
    },
    result: () => ({
      checks: [...chosen].map(([name, { severity }]) => ({
        name,
        severity,
        found: found.get(name) ?? 0,
      })),
      findings: [...chosen.keys()].flatMap((name) => kept.get(name) ?? []),
    }),
  }
}

function withoutPixels(
  chosen: ReadonlyMap<string, ChosenCheck>,
  { only = [], skip = [], severities = {} }: CheckSelection,
): readonly string[] {
  if (only.length > 0) return []
  return CHECKS.filter(
    ({ name, needsPixels }) =>
      needsPixels === true &&
      !chosen.has(name) &&
      !skip.includes(name) &&
      severities[name] !== 'off',
  ).map(({ name }) => name)
}
