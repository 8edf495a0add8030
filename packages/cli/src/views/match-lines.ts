import type { EvaluatedItem, ObjectMatch } from '@dsv/analysis'
import type { Category, ItemKey } from '@dsv/core'
import { oneLine, shapeText } from './annotation-text.ts'
import { itemName } from './item-lines.ts'

const SHORT = {
  'true-positive': 'TP',
  'false-positive': 'FP',
  'false-negative': 'FN',
  ignored: '--',
} as const

/** Returns what became of one object or prediction, on one line. */
export function matchLine(
  item: EvaluatedItem,
  { outcome, category, truth, found, overlap }: ObjectMatch,
  categories: readonly Category[],
): string {
  const name = categories.find(({ key }) => key === category)?.name ?? category
  const parts = [
    SHORT[outcome],
    itemName(item),
    oneLine(name),
    ...(found?.score === undefined ? [] : [`score ${round(found.score)}`]),
    ...(overlap === undefined ? [] : [`overlap ${round(overlap)}`]),
    ...(found === undefined ? [] : [`found ${oneLine(found.uid)} ${oneLine(shapeText(found))}`]),
    ...(truth === undefined ? [] : [`truth ${oneLine(truth.uid)} ${oneLine(shapeText(truth))}`]),
  ]
  return parts.join('  ').trimEnd()
}

/** Returns the same as JSON, annotations whole. */
export function matchJson({ subset, id }: ItemKey, match: ObjectMatch): object {
  const { outcome, category, truth = null, found = null, overlap = null } = match
  return {
    item: { subset, id },
    outcome,
    category,
    score: found?.score ?? null,
    overlap,
    truth,
    found,
  }
}

function round(value: number): string {
  return String(Math.round(value * 1000) / 1000)
}
