import {
  type EvaluationReport,
  heatMap,
  htmlPage,
  htmlTable,
  lineChart,
  paragraph,
  type PageSection,
} from '@dsv/analysis'
import { evaluationJson, type EvaluationTitle } from './evaluation-json.ts'
import { figureText, mainFigures } from './figure-text.ts'

/** More curves than this cannot be told apart; those of the categories with the most objects are drawn. */
const MAX_CURVES = 8
/** A larger table of confusion cannot be read. */
const MAX_CONFUSED = 100

/** Returns an evaluation as a page that stands by itself. */
export function evaluationPage(report: EvaluationReport, title: EvaluationTitle): string {
  const { figures, categories, slices, confusion, task, items, predictions, dataset, revision } =
    evaluationJson(report, title)
  const names = mainFigures(categories[0]?.figures ?? {})
  const sliceNames = mainFigures(slices[0]?.figures ?? {})
  const sections: PageSection[] = [
    {
      title: 'Figures',
      pieces: [
        htmlTable({
          head: ['figure', 'value'],
          rows: Object.entries(figures).map(([name, value]) => [name, value ?? '–']),
        }),
      ],
    },
    { title: 'Precision over recall', pieces: curvesOf(report, title) },
    {
      title: 'Categories',
      pieces: [
        htmlTable({
          head: ['category', 'objects', ...names],
          rows: categories.map(({ category, objects, figures: own }) => [
            category ?? 'background',
            objects,
            ...names.map((name) => own[name] ?? '–'),
          ]),
        }),
      ],
    },
    {
      title: 'Slices',
      pieces:
        slices.length === 0
          ? []
          : [
              htmlTable({
                head: ['slice', 'part', 'items', 'objects', ...sliceNames],
                rows: slices.map(({ slice, part, items: count, objects, figures: own }) => [
                  slice,
                  part,
                  count,
                  objects,
                  ...sliceNames.map((name) => figureText(name, own[name])),
                ]),
              }),
            ],
    },
    { title: 'Confusion', pieces: confusionOf(confusion) },
  ]
  return htmlPage({
    title: `Evaluation of ${predictions}`,
    about: `${dataset || '.'} at ${revision}: ${items} items, ${task}`,
    sections,
  })
}

function curvesOf(
  { curves, categories }: EvaluationReport,
  { categories: known }: EvaluationTitle,
): PageSection['pieces'] {
  const objects = new Map(categories.map((each) => [each.category, each.objects]))
  const names = new Map(known.map(({ key, name }) => [key, name]))
  const shown = curves
    .filter(({ points }) => points.length > 0)
    .toSorted((a, b) => (objects.get(b.category) ?? 0) - (objects.get(a.category) ?? 0))
    .slice(0, MAX_CURVES)
  if (shown.length === 0) return []
  const series = shown.map(({ category, points }) => ({
    name: category === undefined ? 'all' : (names.get(category) ?? category),
    points: points.map(({ precision, recall }) => [recall, precision] as const),
  }))
  const labels = { xLabel: 'recall', yLabel: 'precision' }
  const left = curves.length - shown.length
  return [
    lineChart({ title: 'The categories with the most objects', series, ...labels }),
    ...(left > 0 ? [paragraph(`${left} more categories are not drawn.`)] : []),
  ]
}

function confusionOf(
  confusion: ReturnType<typeof evaluationJson>['confusion'],
): PageSection['pieces'] {
  if (confusion === null || confusion.categories.length > MAX_CONFUSED) return []
  const names = confusion.categories.map((name) => name ?? 'background')
  return [
    heatMap({
      title: 'Rows: what is there; columns: what was found',
      rows: names,
      columns: names,
      values: confusion.counts,
    }),
  ]
}
