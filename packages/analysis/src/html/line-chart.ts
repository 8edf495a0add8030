import { type Axis, linearAxis, placeOn } from './axis.ts'
import { legend } from './bar-chart.ts'
import type { Markup } from './markup.ts'
import { figureText, tickText } from './number-text.ts'
import { at, figure, svgDot, svgLine, svgText } from './svg.ts'

/** A line, or points, of a chart. */
export interface ChartSeries {
  readonly name: string
  /** Places that are no numbers are left out, and break the line. */
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** A chart of lines or points over two axes. */
export interface LineChart {
  readonly title: string
  readonly series: readonly ChartSeries[]
  readonly xLabel?: string
  readonly yLabel?: string
  /** Default `lines`. */
  readonly marks?: 'lines' | 'points'
}

const [LEFT, TOP, WIDTH, HEIGHT] = [60, 24, 480, 240]
/** More points are not seen apart; every n-th is drawn. */
const MAX_POINTS = 2000

/** Draws lines or points; single points of a line are drawn as points. */
export function lineChart({ title, series, xLabel, yLabel, marks = 'lines' }: LineChart): Markup {
  const points = series.flatMap((each) => each.points).filter(isPlace)
  const xAxis = axisOf(points.map(([x]) => x))
  const yAxis = axisOf(points.map(([, y]) => y))
  const place = ([x, y]: readonly [number, number]): readonly [number, number] => [
    LEFT + placeOn(xAxis, x) * WIDTH,
    TOP + (1 - placeOn(yAxis, y)) * HEIGHT,
  ]
  const parts = [grid(xAxis, yAxis, { xLabel, yLabel })]
  for (const [index, each] of series.entries())
    for (const run of runsOf(thinned(each.points)))
      parts.push(
        run.length > 1 && marks === 'lines'
          ? `<path class="line t${index % 8}" d="M${run.map((point) => place(point).map(at).join(' ')).join('L')}"/>`
          : run
              .map((point) => dot(place(point), index, `${each.name}: ${pointText(point)}`))
              .join(''),
      )
  if (series.length > 1)
    parts.push(
      legend(
        series.map(({ name }) => name),
        LEFT,
      ),
    )
  return figure(title, [LEFT + WIDTH + 20, TOP + HEIGHT + 40], parts.join(''))
}

/** Returns the lines and numbers behind a plot, and what its axes mean. */
function grid(
  xAxis: Axis,
  yAxis: Axis,
  labels: { readonly xLabel: string | undefined; readonly yLabel: string | undefined },
): string {
  const bottom = TOP + HEIGHT
  const { xLabel = '', yLabel = '' } = labels
  return [
    ...yAxis.ticks.map((tick) => {
      const y = TOP + (1 - placeOn(yAxis, tick)) * HEIGHT
      const number = svgText(tickText(tick), {
        x: LEFT - 6,
        y: y + 4,
        anchor: 'end',
        className: 'soft',
      })
      return svgLine([LEFT, y], [LEFT + WIDTH, y], 'rule') + number
    }),
    ...xAxis.ticks.map((tick) => {
      const x = LEFT + placeOn(xAxis, tick) * WIDTH
      const number = svgText(tickText(tick), {
        x,
        y: bottom + 15,
        anchor: 'middle',
        className: 'soft',
      })
      return svgLine([x, bottom], [x, bottom + 4], 'axis') + number
    }),
    svgLine([LEFT, bottom], [LEFT + WIDTH, bottom], 'axis'),
    svgText(xLabel, { x: LEFT + WIDTH / 2, y: bottom + 32, anchor: 'middle' }),
    svgText(yLabel, { x: 12, y: TOP + HEIGHT / 2, anchor: 'middle', turn: -90 }),
  ].join('')
}

function axisOf(values: readonly number[]): Axis {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity)
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity)
  return linearAxis(low, high)
}

function isPlace([x, y]: readonly [number, number]): boolean {
  return Number.isFinite(x) && Number.isFinite(y)
}

function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / MAX_POINTS)
  return points.filter((_, index) => index % every === 0 || index === points.length - 1)
}

function runsOf(
  points: readonly (readonly [number, number])[],
): readonly (readonly (readonly [number, number])[])[] {
  const runs: (readonly [number, number])[][] = [[]]
  for (const point of points) {
    if (isPlace(point)) runs.at(-1)?.push(point)
    else runs.push([])
  }
  return runs.filter((run) => run.length > 0)
}

function dot([x, y]: readonly [number, number], index: number, tip: string): string {
  return svgDot(x, y, `f${index % 8}`, tip)
}

function pointText([x, y]: readonly [number, number]): string {
  return `${figureText(x)}, ${figureText(y)}`
}
