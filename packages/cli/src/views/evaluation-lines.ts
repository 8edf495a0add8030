import type { EvaluationReport } from '@dsv/analysis'
import { oneLine } from './annotation-text.ts'
import { evaluationJson, type EvaluationTitle } from './evaluation-json.ts'
import { figureText, mainFigures } from './figure-text.ts'
import { countOf, countText } from './quantities.ts'
import { tableLines } from './table-lines.ts'

/** Returns an evaluation for people: all figures, then tables by category and part. */
export function evaluationLines(
  report: EvaluationReport,
  title: EvaluationTitle,
  withConfusion: boolean,
): readonly string[] {
  const { figures, categories, slices, confusion, task, items } = evaluationJson(report, title)
  const place = title.dataset === '' ? '' : ` of ${oneLine(title.dataset)}`
  const tables: (readonly string[])[] = [
    [
      `${oneLine(title.predictions)} against the ground truth${place}: ${countOf(items, 'item')}, ${task}`,
    ],
    tableLines(Object.entries(figures).map(([name, value]) => [name, figureText(name, value)])),
  ]
  const shown = categories.filter(
    ({ objects, figures: own }) =>
      objects > 0 || Object.values(own).some((value) => (value ?? 0) > 0),
  )
  const [first] = shown
  if (first !== undefined && shown.some(({ category }) => category !== null)) {
    const names = mainFigures(first.figures)
    const rows = shown.map(({ category, objects, figures: own }) => [
      oneLine(category ?? 'background'),
      countText(objects),
      ...names.map((name) => figureText(name, own[name])),
    ])
    const heads = ['category', task === 'segmentation' ? 'pixels' : 'objects', ...names]
    tables.push(tableLines([heads, ...rows]))
  }
  for (const slice of new Set(slices.map((each) => each.slice))) {
    const parts = slices.filter((each) => each.slice === slice)
    const names = mainFigures(parts[0]?.figures ?? {})
    const rows = parts.map(({ part, items: count, objects, figures: own }) => [
      oneLine(part),
      countText(count),
      countText(objects),
      ...names.map((name) => figureText(name, own[name])),
    ])
    tables.push(tableLines([[oneLine(slice), 'items', 'objects', ...names], ...rows]))
  }
  if (withConfusion && confusion !== null) {
    const names = confusion.categories.map((name) => oneLine(name ?? 'background'))
    const rows = confusion.counts.map((row, index) => [names[index] ?? '', ...row.map(countText)])
    tables.push(tableLines([['truth \\ found', ...names], ...rows]))
  }
  return tables.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
}
