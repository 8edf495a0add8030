import {
  barChart,
  heatMap,
  htmlPage,
  imageFigure,
  lineChart,
  type Markup,
  type PageSection,
} from '@dsv/analysis'
import type { PlotData, SeriesData } from './plot-data.ts'
import type { Cell } from './read-table.ts'

/** Returns a page that shows plots and stands by itself. */
export function plotsPage(plots: readonly PlotData[], about: string): string {
  return htmlPage({ title: 'Plots', about, sections: plots.map(sectionOf) })
}

function sectionOf({ name, plot, series, images }: PlotData): PageSection {
  const title = plot.title ?? name
  return {
    title: name,
    pieces: [
      ...(series.length === 0 ? [] : drawn(title, plot, series)),
      ...images.map((image) => imageFigure({ ...image, title: image.name })),
    ],
  }
}

function drawn(
  title: string,
  { template = 'linear', xLabel, yLabel }: PlotData['plot'],
  series: readonly SeriesData[],
): readonly Markup[] {
  if (template.startsWith('confusion'))
    return series.map((each) =>
      confusion(titled(title, each, series), each, template !== 'confusion'),
    )
  if (template.startsWith('bar_horizontal'))
    return [bars(title, series, template === 'bar_horizontal_sorted')]
  const [first] = series
  const columns = new Set(series.map(({ yColumn }) => yColumn))
  const y = yLabel ?? (columns.size === 1 ? first?.yColumn : undefined)
  return [
    lineChart({
      title,
      series: series.map(({ name, points }) => ({ name, points: points.map(placeOf) })),
      xLabel: xLabel ?? first?.xColumn ?? 'step',
      ...(y !== undefined && { yLabel: y }),
      marks: template.startsWith('scatter') ? 'points' : 'lines',
    }),
  ]
}

function titled(title: string, { name }: SeriesData, all: readonly SeriesData[]): string {
  return all.length > 1 ? `${title}: ${name}` : title
}

/** What is no number stands at the number of its row, or breaks the line. */
function placeOf([x, y]: readonly [Cell, Cell], index: number): readonly [number, number] {
  return [typeof x === 'number' ? x : index, typeof y === 'number' ? y : Number.NaN]
}

/** More classes are not told apart. */
const MAX_CLASSES = 100

/** Counts how often each class along the one side meets each along the other; in shares of its row where told. */
function confusion(title: string, { points }: SeriesData, isShare: boolean): Markup {
  const classes = [...new Set(points.flatMap((point) => point.map(String)))]
    .toSorted()
    .slice(0, MAX_CLASSES)
  const counts = new Map<string, number>()
  for (const [actual, predicted] of points) {
    const key = JSON.stringify([String(actual), String(predicted)])
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const values = classes.map((actual) => {
    const row = classes.map((predicted) => counts.get(JSON.stringify([actual, predicted])) ?? 0)
    const sum = row.reduce((total, count) => total + count, 0)
    return isShare && sum > 0 ? row.map((count) => count / sum) : row
  })
  return heatMap({ title, rows: classes, columns: classes, values })
}

const MAX_BARS = 200

/** Values lie along `x`, names along `y`. */
function bars(title: string, series: readonly SeriesData[], isSorted: boolean): Markup {
  const labels = [...new Set(series.flatMap(({ points }) => points.map(([, y]) => String(y))))]
  const maps = series.map(
    ({ points }) => new Map(points.map(([x, y]) => [String(y), typeof x === 'number' ? x : 0])),
  )
  const all = labels.map((label) => ({ label, values: maps.map((map) => map.get(label) ?? 0) }))
  const ordered = isSorted ? all.toSorted((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0)) : all
  return barChart({
    title,
    bars: ordered.slice(0, MAX_BARS),
    series: series.map(({ name }) => name),
  })
}
