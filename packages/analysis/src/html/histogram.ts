import { linearAxis, placeOn } from './axis.ts'
import type { Markup } from './markup.ts'
import { figureText, tickText } from './number-text.ts'
import { figure, svgLine, svgRect, svgText } from './svg.ts'

/** How many values lie from `from` up to `to`. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** A chart of how values are distributed. */
export interface Histogram {
  readonly title: string
  /** In ascending order. Each is drawn in the same width, so that bins may be of any size. */
  readonly bins: readonly Bin[]
  readonly xLabel?: string
}

const [LEFT, TOP, WIDTH, HEIGHT] = [50, 10, 400, 150]
const MAX_TICKS = 10

/** Draws standing bars side by side. */
export function histogram({ title, bins, xLabel = '' }: Histogram): Markup {
  const axis = linearAxis(
    0,
    bins.reduce((most, { count }) => Math.max(most, count), 0),
    4,
  )
  const bottom = TOP + HEIGHT
  const wide = WIDTH / Math.max(1, bins.length)
  const parts = axis.ticks.map((tick) => {
    const y = bottom - placeOn(axis, tick) * HEIGHT
    const number = svgText(tickText(tick), {
      x: LEFT - 6,
      y: y + 4,
      anchor: 'end',
      className: 'soft',
    })
    return svgLine([LEFT, y], [LEFT + WIDTH, y], 'rule') + number
  })
  for (const [index, { from, to, count }] of bins.entries()) {
    const height = placeOn(axis, count) * HEIGHT
    const place = [
      LEFT + index * wide + 0.5,
      bottom - height,
      Math.max(0.5, wide - 1),
      height,
    ] as const
    const span = from === to ? figureText(from) : `${figureText(from)} – ${figureText(to)}`
    parts.push(svgRect(place, 'f0', `${span}: ${figureText(count)}`))
  }
  const every = Math.ceil((bins.length + 1) / MAX_TICKS)
  const edges = [...bins.map(({ from }) => from), ...bins.slice(-1).map(({ to }) => to)]
  for (const [index, edge] of edges.entries())
    if (index % every === 0)
      parts.push(
        svgText(tickText(edge), {
          x: LEFT + index * wide,
          y: bottom + 14,
          anchor: 'middle',
          className: 'soft',
        }),
      )
  parts.push(svgText(xLabel, { x: LEFT + WIDTH / 2, y: bottom + 30, anchor: 'middle' }))
  return figure(title, [LEFT + WIDTH + 20, bottom + 36], parts.join(''))
}
