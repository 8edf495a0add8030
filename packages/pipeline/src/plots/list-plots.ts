import path from 'node:path'
import type { PipelineStage, PlotDefinition, TopLevelPlot } from '../model/pipeline-stage.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { readPipelines } from '../read/read-pipelines.ts'

/** A plot of a pipeline, whether an output of a stage or named at the top of a file. */
export type Plot = Omit<TopLevelPlot, 'file'>

/** Files that are shown as they are, and their media types. */
export const IMAGE_TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['bmp', 'image/bmp'],
  ['svg', 'image/svg+xml'],
])

const DATA_ENDINGS = new Set(['csv', 'tsv', 'json', 'yaml', 'yml'])

/**
 * Returns all plots of the pipelines, by name. A folder is as many plots as it holds files that can be drawn.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE` for a pipeline file
 */
export async function listPlots(reader: PipelineReader): Promise<ReadonlyMap<string, Plot>> {
  const { stages, plots } = await readPipelines(reader)
  const found = new Map<string, Plot>()
  for (const plot of [...stages.flatMap(plotsOf), ...plots.map(named)])
    for (const each of await withoutFolders(plot, reader)) found.set(each.name, each)
  return found
}

/** A plot that is called like its file has the path of it; others too lie in the folder of their pipeline file. */
function named({ file, name, ...plot }: TopLevelPlot): Plot {
  return { ...plot, name: path.posix.normalize(path.posix.join(path.posix.dirname(file), name)) }
}

/** Returns the ending of a path in small letters. */
export function endingOf(file: string): string {
  return /\.([^./]+)$/.exec(file)?.[1]?.toLowerCase() ?? ''
}

function plotsOf({ outputs }: PipelineStage): readonly Plot[] {
  return outputs
    .filter(({ kind }) => kind === 'plots')
    .flatMap(({ path: file, plots = [{}] }) =>
      plots.map((definition, index) => ({
        ...withSeries(definition, file),
        name: plots.length > 1 ? `${file} (${definition.title ?? index + 1})` : file,
      })),
    )
}

function withSeries({ x, y, ...rest }: PlotDefinition, file: string): Omit<Plot, 'name'> {
  return {
    ...rest,
    ...(x !== undefined && { x: { column: x } }),
    series: y === undefined ? [{ file }] : y.map((column) => ({ file, column })),
  }
}

async function withoutFolders(plot: Plot, reader: PipelineReader): Promise<readonly Plot[]> {
  const [first] = plot.series
  if (first === undefined) return []
  const inside = await reader.listBelow(first.file)
  if (inside.length === 0) return [plot]
  return inside
    .filter((file) => DATA_ENDINGS.has(endingOf(file)) || IMAGE_TYPES.has(endingOf(file)))
    .map((file) => ({
      ...plot,
      name: file,
      series: plot.series.map((each) => ({ ...each, file })),
    }))
}
