import { clipText, escapeText, type Markup } from './markup.ts'
import { figureText, tickText } from './number-text.ts'
import { at, figure, svgText } from './svg.ts'

/** A table of numbers that is shown in shades. */
export interface HeatMap {
  readonly title: string
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** One list for each row; what is no number is left empty. */
  readonly values: readonly (readonly number[])[]
}

const [LEFT, TOP, CELL] = [140, 110, 22]
const MAX_LABEL = 20
/** Numbers are written into the cells of small tables only. */
const MAX_WRITTEN = 14

/** Draws cells, the darker the greater the absolute value. */
export function heatMap({ title, rows, columns, values }: HeatMap): Markup {
  const most = values
    .flat()
    .filter(Number.isFinite)
    .reduce((high, value) => Math.max(high, Math.abs(value)), 0)
  const size = columns.length <= MAX_WRITTEN ? CELL * 1.8 : CELL
  const parts: string[] = []
  for (const [index, name] of columns.entries()) {
    const x = LEFT + (index + 0.5) * size + 4
    parts.push(svgText(clipText(name, MAX_LABEL), { x, y: TOP - 6, turn: -60 }))
  }
  for (const [row, name] of rows.entries()) {
    const y = TOP + row * CELL
    parts.push(svgText(clipText(name, MAX_LABEL), { x: LEFT - 6, y: y + 15, anchor: 'end' }))
    for (const [column, other] of columns.entries()) {
      const value = values[row]?.[column] ?? Number.NaN
      if (!Number.isFinite(value)) continue
      const share = most === 0 ? 0 : Math.abs(value) / most
      const x = LEFT + column * size
      const tip = escapeText(`${name}, ${other}: ${figureText(value)}`)
      parts.push(
        `<rect x="${at(x)}" y="${at(y)}" width="${at(size - 1)}" height="${CELL - 1}" class="heat"` +
          ` fill-opacity="${at(0.04 + 0.76 * share)}"><title>${tip}</title></rect>`,
      )
      if (columns.length <= MAX_WRITTEN)
        parts.push(svgText(tickText(value), { x: x + size / 2, y: y + 15, anchor: 'middle' }))
    }
  }
  const width = LEFT + columns.length * size + 70
  return figure(title, [width, TOP + rows.length * CELL + 6], parts.join(''))
}
