import type { FigureChange, StatisticsComparison } from '@dsv/analysis'
import { oneLine } from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { countText, numberText } from './quantities.ts'
import { tableLines } from './table-lines.ts'

const MAX_ROWS = 40
/** Of categories the counts tell enough; --json and --html have these too. */
const LEFT_OUT: ReadonlySet<string> = new Set(['share', 'area'])

/** Returns the figures of two versions that differ, side by side. */
export function comparisonLines(
  { figures, divergence }: StatisticsComparison,
  paint: Paint,
): readonly string[] {
  const changed = figures.filter(
    ({ group, figure, from, to }) =>
      from !== to && !(group === 'categories' && LEFT_OUT.has(figure)),
  )
  if (changed.length === 0) return ['No figure differs.']
  const groups = [...new Set(changed.map(({ group }) => group))]
  return [
    ...groups.flatMap((group) => {
      const rows = changed.filter((each) => each.group === group)
      const shown = rows.slice(0, MAX_ROWS).map((each) => cells(each, paint))
      const head = [group, '', 'before', 'after', 'difference']
      const more = rows.length - MAX_ROWS
      return [
        ...tableLines([head, ...shown]),
        ...(more > 0 ? [`… and ${countText(more)} more figures`] : []),
      ]
    }),
    ...(divergence === null
      ? []
      : [`The categories differ by ${divergence.toFixed(4)} bits (0 to 1).`]),
  ]
}

function cells({ name, figure, from, to, change }: FigureChange, paint: Paint): readonly string[] {
  const sign = change > 0 ? '+' : ''
  const color = change > 0 ? paint.added : paint.removed
  return [
    oneLine(name) || 'all',
    figure,
    figureText(from),
    figureText(to),
    color(sign + figureText(change)),
  ]
}

/** Shares and distances are small; counts are whole. */
function figureText(value: number | null): string {
  if (value === null) return '-'
  if (Number.isInteger(value)) return value < 0 ? `-${countText(-value)}` : countText(value)
  return Math.abs(value) < 1 ? String(Number(value.toPrecision(3))) : numberText(value)
}
