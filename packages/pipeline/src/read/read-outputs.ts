import type { StageOutput } from '../model/pipeline-stage.ts'
import { pathIn } from './path-in.ts'
import {
  booleanAt,
  checkKeys,
  listAt,
  mapAt,
  type Place,
  textAt,
  within,
} from './pipeline-document.ts'
import { PLOT_KEYS, readPlotDefinition } from './read-plot-definition.ts'
import { isList, isMap, type Value, type ValueMap } from './value.ts'

const OUTPUT_KEYS = ['cache', 'persist', 'remote', 'push', 'desc', 'type', 'labels', 'meta']
const KIND_OF = { outs: 'data', metrics: 'metrics', plots: 'plots' } as const

/** Returns what a stage with a command makes. @throws `DSV_PIPELINE_INVALID` */
export function readOutputs(
  definition: ValueMap,
  key: keyof typeof KIND_OF,
  folder: string,
  stage: Place,
): readonly StageOutput[] {
  const place = within(stage, key)
  return listAt(definition.get(key), place).flatMap((each, index) => {
    const at = within(place, index)
    const pairs: Iterable<readonly [string, Value]> = isMap(each)
      ? each
      : [[textAt(each, at), null]]
    return [...pairs].map(([given, options]) =>
      readOutput(pathIn(folder, given, at), KIND_OF[key], options, within(at, given)),
    )
  })
}

function readOutput(
  path: string,
  kind: StageOutput['kind'],
  options: Value,
  place: Place,
): StageOutput {
  // A plot file may be drawn in several ways.
  const all = isList(options) && kind === 'plots' ? options : [options]
  const maps = all.map((each, index) => mapAt(each, isList(options) ? within(place, index) : place))
  const stored = place.document.hasSteps ? ['stored'] : []
  for (const map of maps)
    checkKeys(map, [...stored, ...OUTPUT_KEYS, ...(kind === 'plots' ? PLOT_KEYS : [])], place)
  const is = (key: string, otherwise: boolean): boolean =>
    maps.reduce((known, map) => booleanAt(map.get(key), within(place, key), known), otherwise)
  const plots = maps
    .map((map) => readPlotDefinition(map, place))
    .filter((plot) => Object.keys(plot).length > 0)
  return {
    path,
    kind,
    // With \`cache: false\` metrics and plots are left to Git, which keeps them with the commit; here that is dsv.
    isStored: is('stored', kind !== 'data' || is('cache', true)),
    persists: is('persist', false),
    ...(plots.length > 0 && { plots }),
  }
}
