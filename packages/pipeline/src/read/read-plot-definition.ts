import type { PlotDefinition } from '../model/pipeline-stage.ts'
import { booleanAt, failAt, type Place, within } from './pipeline-document.ts'
import { renderText } from './render-text.ts'
import { isList, isMap, kindOf, type ValueMap } from './value.ts'

/** What may be said of a plot. */
export const PLOT_KEYS: readonly string[] = [
  'x',
  'y',
  'x_label',
  'y_label',
  'title',
  'template',
  'header',
]

/** Returns how a plot is drawn, as far as the file says it. @throws `DSV_PIPELINE_INVALID` */
export function readPlotDefinition(map: ValueMap, place: Place): PlotDefinition {
  const text = (key: string): string | undefined => {
    const value = map.get(key)
    if (value === undefined || value === null) return undefined
    if (isList(value) || isMap(value))
      throw failAt(within(place, key), `is ${kindOf(value)}, not a text`)
    return renderText(value)
  }
  const columns = (key: string): readonly string[] | undefined => {
    const value = map.get(key)
    return isList(value)
      ? value.map(renderText)
      : text(key) === undefined
        ? undefined
        : [text(key) ?? '']
  }
  const found = {
    x: text('x'),
    y: columns('y'),
    xLabel: text('x_label'),
    yLabel: text('y_label'),
    title: text('title'),
    template: text('template'),
    hasHeader: map.has('header')
      ? booleanAt(map.get('header'), within(place, 'header'), true)
      : undefined,
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}
