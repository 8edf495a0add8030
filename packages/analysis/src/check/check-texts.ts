import type { Annotation, AttributeValue } from '@dsv/core'
import type { CheckFamily, CheckedItem, CheckTask, InspectContext, Inspector } from './check.ts'
import { annotationNames, quoted, rounded } from './describe-annotation.ts'
import {
  addToBin,
  addToSpread,
  emptySpread,
  isFarFromMean,
  shareOfTopBins,
  type Spread,
} from './spread.ts'

const TABULAR: readonly CheckTask[] = ['tabular']

/**
 * Checks of captions, texts and rows of tables. Memory: 8 bytes for each number of a column, and its first 10,000
 * distinct texts; only with the task `tabular`, or when these checks are asked for.
 */
export const TEXT_CHECKS: CheckFamily = {
  title: 'Texts and tables',
  checks: [
    {
      name: 'text-empty',
      severity: 'warning',
      about: 'A caption, text or cell says nothing.',
      peer: ['EmptyCaption'],
      repair: { does: 'drops the annotation, of a row only the cell' },
    },
    {
      name: 'text-broken',
      severity: 'warning',
      about: 'A text holds replacement or control characters, or a cell is null or not a number.',
      peer: ['BrokenAnnotation'],
    },
    {
      name: 'text-redundant',
      severity: 'info',
      about: 'A text holds markup, an address, or blanks or words twice.',
      peer: ['RedundanciesInCaption'],
    },
    {
      name: 'few-samples-of-text',
      severity: 'info',
      about: 'A text of a column occurs very rarely.',
      parameters: { 'at-most': { default: 1, about: 'Rows that are still too few' } },
      tasks: TABULAR,
      needsTask: true,
      peer: ['FewSamplesInCaption'],
    },
    {
      name: 'texts-imbalanced',
      severity: 'info',
      about: 'The most frequent text of a column occurs many times as often as the rarest.',
      parameters: { ratio: { default: 50, about: 'How many times is too many' } },
      tasks: TABULAR,
      needsTask: true,
      peer: ['ImbalancedCaptions'],
    },
    {
      name: 'numbers-imbalanced',
      severity: 'info',
      about: 'Most numbers of a column are nearly the same.',
      parameters: {
        dominance: {
          default: 0.8,
          most: 1,
          about: 'Share of rows, 0…1, that the fullest bins may have',
        },
        top: { default: 0.1, most: 1, about: 'Share of the ten bins, 0…1, that are the fullest' },
      },
      tasks: TABULAR,
      needsTask: true,
      peer: ['ImbalancedDistInCaption'],
    },
    {
      name: 'number-outlier',
      severity: 'info',
      about: 'A number is far from the mean of its column.',
      parameters: { deviations: { default: 5, about: 'Standard deviations that are too far' } },
      tasks: TABULAR,
      needsTask: true,
      peer: ['FarFromCaptionMean'],
    },
    {
      name: 'number-beyond-quartiles',
      severity: 'info',
      about: 'A number lies far outside of the middle half of its column.',
      parameters: { ranges: { default: 1.5, about: 'Widths of the middle half that are too far' } },
      tasks: TABULAR,
      needsTask: true,
      peer: ['OutlierInCaption'],
    },
  ],
  inspect: inspectTexts,
}

/** A column with more distinct texts holds free text. */
const MAX_TEXTS = 10_000

interface Column {
  readonly texts: Map<string, number>
  readonly spread: Spread
  readonly numbers: number[]
  /** Beyond these a number is too far from the middle half; known after the first pass. */
  fences: readonly [low: number, high: number]
}

function inspectTexts(context: InspectContext): Inspector {
  const { schema, report, isOn } = context
  const describe = annotationNames(schema)
  const counts = TEXT_CHECKS.checks.some(({ name, needsTask }) => needsTask === true && isOn(name))
  const columns = new Map<string, Column>()
  const item = ({ item: { subset, id }, annotations }: CheckedItem): void => {
    for (const annotation of annotations)
      for (const [column, value] of cellsOf(annotation)) {
        const place = {
          subset,
          id,
          annotation: annotation.uid,
          ...(annotation.type === 'tabular' && { attribute: column }),
        }
        const name = annotation.type === 'tabular' ? `cell ${quoted(column)}` : describe(annotation)
        const problem = problemOf(value)
        if (problem !== undefined)
          report(problem.check, { ...place, message: `${name} ${problem.message}` })
        if (counts) count(columns, column, value)
      }
  }
  const itemAgain = ({ item: { subset, id }, annotations }: CheckedItem): void => {
    for (const annotation of annotations)
      for (const [name, value] of cellsOf(annotation)) {
        const column = columns.get(name)
        if (column === undefined || typeof value !== 'number' || !Number.isFinite(value)) continue
        addToBin(column.spread, value)
        const place = { subset, id, annotation: annotation.uid, attribute: name }
        const message = `${quoted(name)} is ${rounded(value)}`
        if (isFarFromMean(column.spread, value, context.parameter('number-outlier', 'deviations')))
          report('number-outlier', {
            ...place,
            message: `${message}, the mean ${rounded(column.spread.mean)}`,
          })
        const [low, high] = column.fences
        if (value < low || value > high)
          report('number-beyond-quartiles', {
            ...place,
            message: `${message}, usual is ${rounded(low)} to ${rounded(high)}`,
          })
      }
  }
  return {
    item,
    needsSecondLook: () => {
      const ranges = context.parameter('number-beyond-quartiles', 'ranges')
      for (const column of columns.values()) column.fences = fencesOf(column.numbers, ranges)
      return [...columns.values()].some(({ spread }) => spread.count > 0)
    },
    itemAgain,
    end: () => {
      for (const [name, column] of columns) reportColumn(context, name, column)
    },
  }
}

function cellsOf(annotation: Annotation): readonly (readonly [string, AttributeValue])[] {
  if (annotation.type === 'tabular') return Object.entries(annotation.values)
  if (annotation.type === 'caption' || annotation.type === 'text')
    return [[annotation.type, annotation.text]]
  return []
}

function problemOf(
  value: AttributeValue,
): { readonly check: string; readonly message: string } | undefined {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value)))
    return { check: 'text-broken', message: 'is no value' }
  if (typeof value !== 'string') return undefined
  if (value.trim() === '') return { check: 'text-empty', message: 'is empty' }
  if (/\uFFFD|(?![\n\r\t])\p{Cc}|\p{Cs}/u.test(value))
    return { check: 'text-broken', message: `holds broken characters: ${quoted(value)}` }
  if (/<\/?[a-z][^<>]{0,200}>|https?:\/\/|^\s|\s$|\s\s|(?:^|\s)(\p{L}+)\s\1(?:$|\s)/iu.test(value))
    return { check: 'text-redundant', message: `says more than needed: ${quoted(value)}` }
  return undefined
}

function count(columns: Map<string, Column>, name: string, value: AttributeValue): void {
  const column: Column = columns.get(name) ?? {
    texts: new Map(),
    spread: emptySpread(),
    numbers: [],
    fences: [-Infinity, Infinity],
  }
  columns.set(name, column)
  if (typeof value === 'number' && Number.isFinite(value)) {
    addToSpread(column.spread, value)
    column.numbers.push(value)
  } else if (typeof value === 'string' && column.texts.size <= MAX_TEXTS)
    column.texts.set(value, (column.texts.get(value) ?? 0) + 1)
}

/** Beyond these a number is too far from the middle half. */
function fencesOf(numbers: readonly number[], ranges: number): readonly [number, number] {
  const sorted = Float64Array.from(numbers).toSorted()
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  return [low - ranges * (high - low), high + ranges * (high - low)]
}

/** Linear between the two nearest numbers. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0]
  return below + (above - below) * (place - Math.floor(place))
}

function reportColumn(
  { report, parameter }: InspectContext,
  name: string,
  { texts, spread }: Column,
): void {
  const attribute = name
  if (texts.size > 0 && texts.size <= MAX_TEXTS) {
    for (const [text, times] of texts)
      if (times <= parameter('few-samples-of-text', 'at-most'))
        report('few-samples-of-text', {
          attribute,
          message: `${quoted(name)} is ${quoted(text)} in ${times} only`,
        })
    const [most, least] = [Math.max(...texts.values()), Math.min(...texts.values())]
    if (most / least >= parameter('texts-imbalanced', 'ratio'))
      report('texts-imbalanced', {
        attribute,
        message: `Of the texts of ${quoted(name)} the most frequent occurs ${most} times, the rarest ${least}`,
      })
  }
  const share =
    spread.count === 0 ? 0 : shareOfTopBins(spread, parameter('numbers-imbalanced', 'top'))
  if (share > parameter('numbers-imbalanced', 'dominance'))
    report('numbers-imbalanced', {
      attribute,
      message: `${Math.round(share * 100)} % of ${quoted(name)} are nearly the same`,
    })
}
