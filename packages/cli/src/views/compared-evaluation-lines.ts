import { oneLine } from './annotation-text.ts'
import type { ComparedEvaluation, ComparedTitle } from './compared-evaluation.ts'
import { changeText, figureText, mainFigures } from './figure-text.ts'
import { countText } from './quantities.ts'
import { tableLines } from './table-lines.ts'

/** Returns the figures of two versions for people; of categories those that differ. */
export function comparedEvaluationLines(
  { task, figures, categories }: ComparedEvaluation,
  { predictions, from, to }: ComparedTitle,
): readonly string[] {
  const rows = Object.entries(figures).map(([name, { before, after }]) => [
    name,
    figureText(name, before),
    figureText(name, after),
    changeText(name, before, after),
  ])
  const [first] = categories
  const main = mainFigures(
    Object.fromEntries(
      Object.entries(first?.figures ?? {}).map(([name, { after }]) => [name, after]),
    ),
  )[0]
  const changed = categories.flatMap(({ category, objects, figures: own }) => {
    const figure = main === undefined ? undefined : own[main]
    const isSame = objects.before === objects.after && figure?.before === figure?.after
    if (isSame || category === null || main === undefined) return []
    return [
      [
        oneLine(category),
        countText(objects.before),
        countText(objects.after),
        figureText(main, figure?.before),
        figureText(main, figure?.after),
        changeText(main, figure?.before ?? null, figure?.after ?? null),
      ],
    ]
  })
  const heads = ['category', 'objects', 'now', main ?? '', 'now', 'change']
  return [
    `${oneLine(predictions)}, ${task}: ${oneLine(from)} and ${oneLine(to)}`,
    '',
    ...tableLines([['', oneLine(from), oneLine(to), 'change'], ...rows]),
    ...(changed.length === 0 ? [] : ['', ...tableLines([heads, ...changed])]),
  ]
}
