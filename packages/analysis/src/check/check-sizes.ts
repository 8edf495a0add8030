import { type Annotation, areaOf, type AttributeValue, boundsOf } from '@dsv/core'
import { attributeDefinitions } from './attribute-definitions.ts'
import { MAX_VALUES } from './check-attributes.ts'
import type { CheckFamily, CheckedItem, CheckTask, InspectContext, Inspector } from './check.ts'
import { annotationNames, categoryNames, quoted, rounded } from './describe-annotation.ts'
import { boxOf, hasOnlyFiniteNumbers } from './geometry-numbers.ts'
import {
  addToBin,
  addToSpread,
  emptySpread,
  isFarFromMean,
  shareOfTopBins,
  type Spread,
} from './spread.ts'

const DOMINANCE = {
  dominance: {
    default: 0.8,
    most: 1,
    about: 'Share of annotations, 0…1, that the fullest bins may have',
  },
  top: { default: 0.1, most: 1, about: 'Share of the ten bins, 0…1, that are the fullest' },
  'min-samples': { default: 10, about: 'Fewer annotations say nothing' },
}
const DEVIATIONS = {
  deviations: { default: 5, about: 'Standard deviations from the mean that are too far' },
}
const TASKS: readonly CheckTask[] = ['detection', 'segmentation']

/**
 * Checks of how large shapes are. Two passes; memory is some 200 bytes for each measure of each category, and of each
 * value of its defined attributes (at most 1,000 values for each attribute).
 */
export const SIZE_CHECKS: CheckFamily = {
  title: 'Sizes',
  checks: [
    {
      name: 'size-outlier',
      severity: 'info',
      about: 'A shape is far larger, smaller, wider or narrower than others of its category.',
      parameters: DEVIATIONS,
      tasks: TASKS,
      peer: ['FarFromLabelMean'],
      repair: { does: 'drops the annotation', isAsked: true },
    },
    {
      name: 'size-outlier-by-value',
      severity: 'info',
      about: 'A shape is far from others of its category that have the same value of an attribute.',
      parameters: DEVIATIONS,
      tasks: TASKS,
      peer: ['FarFromAttrMean'],
    },
    {
      name: 'sizes-imbalanced',
      severity: 'info',
      about: 'Most shapes of a category are of nearly the same size.',
      parameters: DOMINANCE,
      tasks: TASKS,
      peer: ['ImbalancedDistInLabel'],
    },
    {
      name: 'sizes-imbalanced-by-value',
      severity: 'info',
      about:
        'Most shapes of a category with the same value of an attribute are of nearly the same size.',
      parameters: DOMINANCE,
      tasks: TASKS,
      peer: ['ImbalancedDistInAttribute'],
    },
  ],
  inspect: inspectSizes,
}

/** Spreads of some annotations, by measure, and what they have in common. */
interface Measured {
  readonly category: string
  readonly attribute?: string
  readonly what: string
  readonly spreads: Map<string, Spread>
}

/** Visits the spreads that a measured annotation belongs to. */
type Visit = (measured: Measured, measure: string, value: number, annotation: Annotation) => void

function inspectSizes(context: InspectContext): Inspector {
  const { schema, task, report, parameter, isOn } = context
  const [describe, nameOf] = [annotationNames(schema), categoryNames(schema)]
  const definitionsOf = attributeDefinitions(schema)
  const groups = new Map<string, Measured>()
  const values = new Map<string, number>()

  const groupsOf = (annotation: Annotation, category: string): readonly Measured[] => {
    const found = [groupAt(groups, { category, what: nameOf(category) })]
    const attributes = Object.entries(annotation.attributes ?? {})
    for (const [attribute, value] of attributes)
      if (definitionsOf(category).has(attribute)) {
        const what = `${nameOf(category)} with ${quoted(attribute)} = ${shown(value)}`
        if (isCounted(values, groups, { category, attribute, what }))
          found.push(groupAt(groups, { category, attribute, what }))
      }
    return found
  }
  const visitAll = ({ annotations }: CheckedItem, visit: Visit): void => {
    for (const annotation of annotations) {
      const { category } = annotation
      const measures = category === undefined ? undefined : measuresOf(annotation, task)
      if (category === undefined || measures === undefined) continue
      for (const measured of groupsOf(annotation, category))
        for (const [measure, value] of measures) visit(measured, measure, value, annotation)
    }
  }
  const suffix = ({ attribute }: Measured): string => (attribute === undefined ? '' : '-by-value')
  const isAnyOn = SIZE_CHECKS.checks.some(({ name }) => isOn(name))
  if (!isAnyOn) return {}
  return {
    item: (checked) =>
      visitAll(checked, ({ spreads }, measure, value) => {
        const spread = spreads.get(measure) ?? emptySpread()
        spreads.set(measure, spread)
        addToSpread(spread, value)
      }),
    needsSecondLook: () => groups.size > 0,
    itemAgain: (checked) =>
      visitAll(checked, (measured, measure, value, annotation) => {
        const spread = measured.spreads.get(measure)
        if (spread === undefined) return
        addToBin(spread, value)
        const check = `size-outlier${suffix(measured)}`
        if (!isFarFromMean(spread, value, parameter(check, 'deviations'))) return
        const { subset, id } = checked.item
        const { category, attribute, what } = measured
        report(check, {
          subset,
          id,
          annotation: annotation.uid,
          category,
          ...(attribute !== undefined && { attribute }),
          message: `${describe(annotation)} has ${measure} ${rounded(value)}; the mean of ${what} is ${rounded(spread.mean)}`,
        })
      }),
    end: () => {
      for (const measured of groups.values()) {
        const check = `sizes-imbalanced${suffix(measured)}`
        for (const [measure, spread] of measured.spreads) {
          const share = shareOfTopBins(spread, parameter(check, 'top'))
          if (
            spread.count < parameter(check, 'min-samples') ||
            !(share > parameter(check, 'dominance'))
          )
            continue
          const { category, attribute, what } = measured
          report(check, {
            category,
            ...(attribute !== undefined && { attribute }),
            message: `${Math.round(share * 100)} % of ${what} have nearly the same ${measure}`,
          })
        }
      }
    },
  }
}

function groupAt(groups: Map<string, Measured>, named: Omit<Measured, 'spreads'>): Measured {
  const key = JSON.stringify([named.category, named.attribute, named.what])
  const found = groups.get(key) ?? { ...named, spreads: new Map() }
  groups.set(key, found)
  return found
}

/** Whether a value is among the first of its attribute, so many as are counted. */
function isCounted(
  values: Map<string, number>,
  groups: ReadonlyMap<string, Measured>,
  { category, attribute, what }: { category: string; attribute: string; what: string },
): boolean {
  if (groups.has(JSON.stringify([category, attribute, what]))) return true
  const key = JSON.stringify([category, attribute])
  const count = (values.get(key) ?? 0) + 1
  if (count > MAX_VALUES) return false
  values.set(key, count)
  return true
}

/** Returns what is measured of a shape; undefined for one that is no shape, or has no valid size. */
function measuresOf(
  annotation: Annotation,
  task: CheckTask | undefined,
): readonly (readonly [measure: string, value: number])[] | undefined {
  if (!hasOnlyFiniteNumbers(annotation)) return undefined
  const box =
    task === 'detection' ? (boxOf(annotation) ?? boundsOf(annotation)) : boundsOf(annotation)
  const [, , width = 0, height = 0] = box ?? []
  if (width < 1 || height < 1) return undefined
  const area = task === 'detection' ? width * height : areaOf(annotation)
  if (!(area > 0)) return undefined
  const measures = [
    ['area', area],
    ['width', width],
    ['height', height],
  ] as const
  if (task === 'segmentation') return measures
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  return [...measures, ['aspect', width / height], ['short side', short], ['long side', long]]
}

function shown(value: AttributeValue): string {
  const text = JSON.stringify(value)
  return text.length > 90 ? `${text.slice(0, 90)}…` : text
}
