import { type Annotation, areaOf, type AttributeValue, boundsOf } from '@dsv/core'
import { attributeDefinitions } from './attribute-definitions.ts'
import { MAX_VALUES } from './check-attributes.ts'
import type { CheckFamily, CheckedItem, CheckTask, InspectContext, Inspector } from './check.ts'
import { annotationNames, categoryNames, quoted, rounded } from './describe-annotation.ts'
import { boxOf } from './geometry-numbers.ts'
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

const MEASURES = ['area', 'width', 'height', 'aspect', 'short side', 'long side'] as const

/** What some annotations have in common, and the spreads of their measures, in the order of {@link MEASURES}. */
interface Measured {
  readonly category: string
  readonly attribute?: string
  readonly what: string
  readonly spreads: readonly Spread[]
}

function inspectSizes(context: InspectContext): Inspector {
  const { schema, task, report, parameter, isOn } = context
  if (!SIZE_CHECKS.checks.some(({ name }) => isOn(name))) return {}
  const describe = annotationNames(schema)
  const groupsOf = measuredGroups(context)
  const limits = {
    all: parameter('size-outlier', 'deviations'),
    byValue: parameter('size-outlier-by-value', 'deviations'),
  }
  const itemAgain = ({ item: { subset, id }, annotations }: CheckedItem): void => {
    for (const annotation of annotations) {
      const measures = measuresOf(annotation, task)
      if (measures === undefined) continue
      for (const { category, attribute, what, spreads } of groupsOf.of(annotation))
        for (const [at, value] of measures.entries()) {
          const spread = spreads[at]
          if (spread === undefined) continue
          addToBin(spread, value)
          const isAll = attribute === undefined
          if (!isFarFromMean(spread, value, isAll ? limits.all : limits.byValue)) continue
          report(isAll ? 'size-outlier' : 'size-outlier-by-value', {
            subset,
            id,
            annotation: annotation.uid,
            category,
            ...(attribute !== undefined && { attribute }),
            message: `${describe(annotation)} has ${MEASURES[at]} ${rounded(value)}; the mean of ${what} is ${rounded(spread.mean)}`,
          })
        }
    }
  }
  return {
    item: ({ annotations }) => {
      for (const annotation of annotations) {
        const measures = measuresOf(annotation, task)
        if (measures === undefined) continue
        for (const { spreads } of groupsOf.of(annotation))
          for (const [at, value] of measures.entries()) {
            const spread = spreads[at]
            if (spread !== undefined) addToSpread(spread, value)
          }
      }
    },
    needsSecondLook: () => groupsOf.all().length > 0,
    itemAgain,
    end: () => {
      for (const measured of groupsOf.all()) reportImbalance(context, measured)
    },
  }
}

function reportImbalance(
  { report, parameter }: InspectContext,
  { category, attribute, what, spreads }: Measured,
): void {
  const check = attribute === undefined ? 'sizes-imbalanced' : 'sizes-imbalanced-by-value'
  for (const [at, spread] of spreads.entries()) {
    if (spread.count === 0 || spread.count < parameter(check, 'min-samples')) continue
    const share = shareOfTopBins(spread, parameter(check, 'top'))
    if (share <= parameter(check, 'dominance')) continue
    report(check, {
      category,
      ...(attribute !== undefined && { attribute }),
      message: `${Math.round(share * 100)} % of ${what} have nearly the same ${MEASURES[at]}`,
    })
  }
}

/** The groups that annotations are measured in. */
interface MeasuredGroups {
  /** Returns those that an annotation belongs to: its category, and each value of its defined attributes in it. */
  readonly of: (annotation: Annotation) => readonly Measured[]
  readonly all: () => readonly Measured[]
}

function measuredGroups({ schema }: InspectContext): MeasuredGroups {
  const nameOf = categoryNames(schema)
  const definitionsOf = attributeDefinitions(schema)
  const byCategory = new Map<string, Measured>()
  const byValue = new Map<string, Map<string, Measured>>()

  const ofCategory = (category: string): Measured => {
    const found = byCategory.get(category) ?? emptyGroup({ category, what: nameOf(category) })
    byCategory.set(category, found)
    return found
  }
  const ofValue = (
    category: string,
    attribute: string,
    value: AttributeValue,
  ): Measured | undefined => {
    const key = JSON.stringify([category, attribute])
    const groups = byValue.get(key) ?? new Map<string, Measured>()
    byValue.set(key, groups)
    const text = shown(value)
    const found = groups.get(text)
    if (found !== undefined || groups.size >= MAX_VALUES) return found
    const what = `${nameOf(category)} with ${quoted(attribute)} = ${text}`
    const made = emptyGroup({ category, attribute, what })
    groups.set(text, made)
    return made
  }
  return {
    of: ({ category, attributes }) => {
      if (category === undefined) return []
      const groups = [ofCategory(category)]
      if (attributes === undefined) return groups
      const definitions = definitionsOf(category)
      for (const [attribute, value] of Object.entries(attributes)) {
        const found = definitions.has(attribute) ? ofValue(category, attribute, value) : undefined
        if (found !== undefined) groups.push(found)
      }
      return groups
    },
    all: () => [
      ...byCategory.values(),
      ...[...byValue.values()].flatMap((each) => [...each.values()]),
    ],
  }
}

function emptyGroup(named: Omit<Measured, 'spreads'>): Measured {
  return { ...named, spreads: MEASURES.map(() => emptySpread()) }
}

/** Returns the measures of a shape; undefined for one that is no shape, or has no valid size. */
function measuresOf(
  annotation: Annotation,
  task: CheckTask | undefined,
): readonly number[] | undefined {
  const isDetection = task === 'detection'
  const box = (isDetection ? boxOf(annotation) : undefined) ?? boundsOf(annotation)
  if (box === undefined || !box.every(Number.isFinite)) return undefined
  const [, , width, height] = box
  if (width < 1 || height < 1) return undefined
  const area = isDetection ? width * height : areaOf(annotation)
  if (!(area > 0)) return undefined
  if (task === 'segmentation') return [area, width, height]
  return [area, width, height, width / height, Math.min(width, height), Math.max(width, height)]
}

function shown(value: AttributeValue): string {
  const text = JSON.stringify(value)
  return text.length > 90 ? `${text.slice(0, 90)}…` : text
}
