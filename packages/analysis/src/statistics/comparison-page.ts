import { barChart } from '../html/bar-chart.ts'
import { htmlTable } from '../html/html-table.ts'
import type { Markup } from '../html/markup.ts'
import { htmlPage, type PageSection, paragraph } from '../html/page.ts'
import type { FigureChange, StatisticsComparison } from './compare-statistics.ts'
import { MAX_BARS, MAX_ROWS, more, type StatisticsTitle } from './page-pieces.ts'
import type { Statistics } from './statistics.ts'

/** Returns a page of HTML that stands by itself, with the figures of two versions side by side. */
export function comparisonPage(
  { title, about }: StatisticsTitle,
  { from, to, divergence, figures }: StatisticsComparison,
): string {
  const groups = [...new Set(figures.map(({ group }) => group))]
  return htmlPage({
    title,
    ...(about !== undefined && { about }),
    sections: [
      {
        title: 'Overview',
        pieces: [
          comparedTable(figures.filter(({ group, name }) => group !== 'categories' && name === '')),
          ...(divergence === null
            ? []
            : [
                paragraph(
                  `The categories differ by ${divergence.toFixed(4)} bits (Jensen–Shannon, 0 to 1).`,
                ),
              ]),
          ...comparedBars(from, to),
        ],
      },
      ...groups
        .map((group): PageSection => {
          const rows = figures.filter((each) => each.group === group && each.name !== '')
          return {
            title: `${group.slice(0, 1).toUpperCase()}${group.slice(1)}`,
            pieces:
              rows.length === 0
                ? []
                : [comparedTable(rows.slice(0, MAX_ROWS * 4)), ...more(rows.length, MAX_ROWS * 4)],
          }
        })
        .filter(({ pieces }) => pieces.length > 0),
    ],
  })
}

function comparedTable(figures: readonly FigureChange[]): Markup {
  return htmlTable({
    head: ['', 'figure', 'before', 'after', 'difference'],
    rows: figures.map(({ group, name, figure, from, to, change }) => [
      name === '' ? group : name,
      figure,
      from ?? '–',
      to ?? '–',
      { change },
    ]),
  })
}

function comparedBars(from: Statistics, to: Statistics): readonly Markup[] {
  const before = new Map(from.annotations.categories.map(({ name, count }) => [name, count]))
  const after = new Map(to.annotations.categories.map(({ name, count }) => [name, count]))
  const most = (name: string): number => Math.max(before.get(name) ?? 0, after.get(name) ?? 0)
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted(
    (a, b) => most(b) - most(a) || (a < b ? -1 : 1),
  )
  if (names.length === 0) return []
  const bars = names.slice(0, MAX_BARS).map((label) => ({
    label,
    values: [before.get(label) ?? 0, after.get(label) ?? 0],
  }))
  return [barChart({ title: 'Annotations by category', bars, series: ['before', 'after'] })]
}
