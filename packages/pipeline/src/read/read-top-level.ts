import { fillTemplates, type Scope } from './fill-templates.ts'
import { pathIn } from './path-in.ts'
import {
  checkKeys,
  failAt,
  listAt,
  mapAt,
  type Place,
  type PipelineDocument,
  textAt,
  within,
} from './pipeline-document.ts'
import type { TopLevelPlot } from '../model/pipeline-stage.ts'
import { isList, isMap, kindOf, type Value } from './value.ts'

/** What a pipeline file names beside its stages. Paths are relative to the repository. */
export interface TopLevel {
  readonly parameterFiles: readonly string[]
  readonly metricsFiles: readonly string[]
  readonly plots: readonly TopLevelPlot[]
}

const PLOT_KEYS = ['x', 'y', 'x_label', 'y_label', 'title', 'template']
const ARTIFACT_KEYS = ['path', 'type', 'desc', 'labels', 'meta']

/** @throws `DSV_PIPELINE_INVALID` */
export function readTopLevel(document: PipelineDocument, scope: Scope): TopLevel {
  const section = (key: string): readonly [Value, Place] => {
    const place = { document, path: [key] }
    return [fillTemplates(document.top.get(key) ?? null, scope, place, 'anything'), place]
  }
  checkArtifacts(...section('artifacts'))
  return {
    parameterFiles: readPaths(...section('params')),
    metricsFiles: readPaths(...section('metrics')),
    plots: readPlots(...section('plots')),
  }
}

function readPaths(value: Value, place: Place): readonly string[] {
  return listAt(value, place).map((each, index) => {
    const at = within(place, index)
    return pathIn(place.document.folder, textAt(each, at), at)
  })
}

function readPlots(value: Value, place: Place): readonly TopLevelPlot[] {
  return listAt(value, place).flatMap((each, index) => {
    const at = within(place, index)
    if (!isMap(each)) return [readPlot(textAt(each, at), null, at)]
    return [...each].map(([name, options]) => readPlot(name, options, within(at, name)))
  })
}

function readPlot(name: string, options: Value, place: Place): TopLevelPlot {
  const map = mapAt(options, place)
  checkKeys(map, PLOT_KEYS, place)
  const { folder, file } = place.document
  const y = readColumns(map.get('y'), within(place, 'y'))
  const x = readColumns(map.get('x'), within(place, 'x'))
  const text = (key: string): string | undefined => {
    const value = map.get(key)
    return value === undefined || value === null ? undefined : textAt(value, within(place, key))
  }
  const [xLabel, yLabel, title, template] = ['x_label', 'y_label', 'title', 'template'].map(text)
  const [firstX] = x
  return {
    file,
    name,
    // Without files of its own, the plot is called like its file.
    series: y.some((each) => each.file !== undefined)
      ? y.map((each) => ({ ...each, file: each.file ?? pathIn(folder, name, place) }))
      : (y.length === 0 ? [{}] : y).map((each) => ({ ...each, file: pathIn(folder, name, place) })),
    ...(firstX !== undefined && { x: firstX }),
    ...(xLabel !== undefined && { xLabel }),
    ...(yLabel !== undefined && { yLabel }),
    ...(title !== undefined && { title }),
    ...(template !== undefined && { template }),
  }
}

/** `column`, `[column, …]`, or `{file: column or [column, …]}`. */
function readColumns(
  value: Value | undefined,
  place: Place,
): readonly { readonly file?: string; readonly column: string }[] {
  if (value === undefined || value === null) return []
  if (isMap(value))
    return [...value].flatMap(([given, columns]) => {
      const at = within(place, given)
      const file = pathIn(place.document.folder, given, at)
      return readColumns(columns, at).map(({ column }) => ({ file, column }))
    })
  const columns = isList(value) ? value : [value]
  return columns.map((each) => {
    if (isMap(each) || isList(each)) throw failAt(place, `is ${kindOf(each)}, not a column`)
    return { column: textAt(each, place) }
  })
}

function checkArtifacts(value: Value, place: Place): void {
  for (const [name, artifact] of mapAt(value, place)) {
    const at = within(place, name)
    const map = mapAt(artifact, at)
    checkKeys(map, ARTIFACT_KEYS, at)
    textAt(map.get('path') ?? null, within(at, 'path'))
  }
}
