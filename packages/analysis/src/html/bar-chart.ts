import { linearAxis, placeOn } from './axis.ts'
import { clipText, type Markup } from './markup.ts'
import { figureText, tickText } from './number-text.ts'
import { at, figure, svgLine, svgRect, svgText } from './svg.ts'

/** What is compared, one bar for each series. */
export interface Bar {
  readonly label: string
  /** One value for each series. */
  readonly values: readonly number[]
}

/** A chart of lying bars. */
export interface BarChart {
  readonly title: string
  readonly bars: readonly Bar[]
  /** Names of the series, where there are several; at most eight are told apart. */
  readonly series?: readonly string[]
}

const LABEL_WIDTH = 150
const PLOT_WIDTH = 360
const VALUE_WIDTH = 60
const BAR = 15
const MAX_LABEL = 24

/** Draws lying bars, from the top down in the order given. Values that are no numbers are drawn as 0. */
export function barChart({ title, bars, series = [] }: BarChart): Markup {
  const values = bars.flatMap((bar) => bar.values.filter(Number.isFinite))
  const axis = linearAxis(
    values.reduce((low, value) => Math.min(low, value), 0),
    values.reduce((high, value) => Math.max(high, value), 0),
    4,
  )
  const x = (value: number): number =>
    LABEL_WIDTH + placeOn(axis, Number.isFinite(value) ? value : 0) * PLOT_WIDTH
  const top = series.length > 1 ? 20 : 4
  const perBar = Math.max(1, series.length)
  const step = perBar * BAR + 5
  const bottom = top + bars.length * step
  const parts = axis.ticks.map(
    (tick) =>
      svgLine([x(tick), top], [x(tick), bottom], 'rule') +
      svgText(tickText(tick), { x: x(tick), y: bottom + 13, anchor: 'middle', className: 'soft' }),
  )
  for (const [index, { label, values: each }] of bars.entries()) {
    const y = top + index * step
    const middle = y + (perBar * BAR) / 2 + 4
    parts.push(
      svgText(clipText(label, MAX_LABEL), { x: LABEL_WIDTH - 6, y: middle, anchor: 'end' }),
    )
    for (const [number, value] of each.entries()) {
      const [left, right] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))]
      const place = [left, y + number * BAR, right - left, BAR - 2] as const
      const name = series[number] === undefined ? label : `${label}, ${series[number]}`
      parts.push(svgRect(place, `f${number % 8}`, `${name}: ${figureText(value)}`))
      parts.push(
        svgText(figureText(value), { x: right + 4, y: y + number * BAR + 10, className: 'soft' }),
      )
    }
  }
  if (series.length > 1) parts.push(legend(series, LABEL_WIDTH))
  return figure(title, [LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH, bottom + 18], parts.join(''))
}

/** Returns what tells series apart, in a line at the top of a drawing. */
export function legend(series: readonly string[], left: number): string {
  let x = left
  return series
    .slice(0, 8)
    .map((name, index) => {
      const label = clipText(name, MAX_LABEL)
      const mark = `<rect x="${at(x)}" y="3" width="10" height="10" class="f${index}"/>`
      const text = svgText(label, { x: x + 14, y: 12 })
      x += 30 + label.length * 6.5
      return mark + text
    })
    .join('')
}
