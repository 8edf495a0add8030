import type { Figures } from '@dsv/analysis'

/** Returns a figure of an evaluation: counts as they are, shares with three decimals, nothing as a dash. */
export function figureText(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  return isCount(name) ? String(value) : value.toFixed(3)
}

/** Returns by how much a figure grew. */
export function changeText(name: string, before: number | null, after: number | null): string {
  if (before === null || after === null || before === after) return ''
  const change = after - before
  const digits = isCount(name) ? String(change) : change.toFixed(Math.abs(change) < 0.001 ? 6 : 3)
  return change > 0 ? `+${digits}` : digits
}

/** Returns the few figures that a row of a table shows. */
export function mainFigures(figures: Figures): readonly string[] {
  return MAIN.filter((name) => name in figures)
}

/** In the order in which they are shown; those of other tasks are not there. */
const MAIN = [
  'AP',
  'AP11',
  'mAP',
  'mAP11',
  'AP50',
  'AP75',
  'AR100',
  'AR',
  'accuracy',
  'precision',
  'recall',
  'macroF1',
  'F1',
  'bestScore',
  'pixelAccuracy',
  'mIoU',
  'IoU',
  'Dice',
  'PQ',
  'SQ',
  'RQ',
]

function isCount(name: string): boolean {
  return ['TP', 'FP', 'FN'].includes(name)
}
