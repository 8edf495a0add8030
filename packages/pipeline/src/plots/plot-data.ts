import { isDsvError } from '@dsv/store'
import { fileUnreadable } from '../errors.ts'
import type { PlotSeries } from '../model/pipeline-stage.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { endingOf, IMAGE_TYPES, listPlots, type Plot } from './list-plots.ts'
import { type Cell, readTable, type Table } from './read-table.ts'

/** One side of a page of plots: a version, or the files on disk. */
export interface PlotSide {
  readonly name: string
  readonly reader: PipelineReader
}

/** What is drawn in one plot. */
export interface PlotData {
  readonly name: string
  readonly plot: Plot
  readonly series: readonly SeriesData[]
  readonly images: readonly ImageData[]
}

/** The places of one series on one side. */
export interface SeriesData {
  /** The side, and the column where there are several. */
  readonly name: string
  readonly xColumn: string | undefined
  readonly yColumn: string
  readonly points: readonly (readonly [x: Cell, y: Cell])[]
}

/** An image that is a plot. */
export interface ImageData {
  /** The side. */
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Plots, and what could not be drawn of them. */
export interface AllPlotData {
  readonly plots: readonly PlotData[]
  readonly problems: readonly string[]
}

/**
 * Reads what the plots of several sides show. Plots of one name are one, drawn as the last side says. Keeps all their
 * data in memory.
 *
 * @param isWanted - Which plots, by name and file; all by default
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE` for a pipeline file
 */
export async function readPlotData(
  sides: readonly PlotSide[],
  isWanted: (path: string) => boolean = () => true,
): Promise<AllPlotData> {
  const listed = await Promise.all(sides.map(async ({ reader }) => listPlots(reader)))
  const names = new Set(listed.toReversed().flatMap((plots) => [...plots.keys()]))
  const problems: string[] = []
  const plots: PlotData[] = []
  for (const name of names) {
    const plot = listed.findLast((each) => each.has(name))?.get(name)
    if (plot === undefined) continue
    if (!isWanted(name) && !plot.series.some(({ file }) => isWanted(file))) continue
    const collected: Collected = { series: [], images: [], problems: [] }
    for (const side of sides) await collect(plot, side, sides.length > 1, collected)
    const isThere = collected.series.length + collected.images.length > 0
    if (isThere) plots.push({ name, plot, series: collected.series, images: collected.images })
    problems.push(
      ...(isThere || collected.problems.length > 0
        ? collected.problems
        : [`The files of the plot ${name} are not there.`]),
    )
  }
  return { plots, problems }
}

interface Collected {
  readonly series: SeriesData[]
  readonly images: ImageData[]
  readonly problems: string[]
}

async function collect(
  plot: Plot,
  { name, reader }: PlotSide,
  hasSides: boolean,
  { series, images, problems }: Collected,
): Promise<void> {
  const tables = new Map<string, Table | undefined>()
  const tableOf = async (file: string): Promise<Table | undefined> => {
    if (!tables.has(file)) {
      const bytes = await reader.read(file)
      tables.set(file, bytes && readTable(bytes, file, plot.hasHeader))
    }
    return tables.get(file)
  }
  for (const each of plot.series) {
    try {
      const mediaType = IMAGE_TYPES.get(endingOf(each.file))
      if (mediaType !== undefined) {
        const bytes = await reader.read(each.file)
        if (bytes !== undefined) images.push({ name, mediaType, bytes })
        continue
      }
      const table = await tableOf(each.file)
      if (table === undefined) continue
      const xTable = plot.x?.file === undefined ? table : await tableOf(plot.x.file)
      checkColumn(each.column, table, each.file)
      checkColumn(plot.x?.column, xTable, plot.x?.file ?? each.file)
      const data = seriesOf(plot, each, table, xTable)
      const own = plot.series.length > 1 ? seriesName(plot, each, data.yColumn) : undefined
      const side = hasSides ? name : undefined
      series.push({ ...data, name: [side, own].filter(Boolean).join(' · ') || data.yColumn })
    } catch (error) {
      if (!isDsvError(error, 'DSV_PIPELINE_FILE_UNREADABLE')) throw error
      problems.push(`${name}: ${error.message}`)
    }
  }
}

function checkColumn(column: string | undefined, table: Table | undefined, file: string): void {
  if (column === undefined || table?.columns.includes(column) === true) return
  if (table === undefined) throw fileUnreadable(file, 'is not there')
  throw fileUnreadable(file, `has no column ${column}; it has ${table.columns.join(', ')}`)
}

function seriesName(plot: Plot, { file }: PlotSeries, column: string): string {
  const hasFiles = new Set(plot.series.map((each) => each.file)).size > 1
  return hasFiles ? `${file} ${column}` : column
}

/** Without a column it is the last one, and without a horizontal one the number of the row. */
function seriesOf(
  { x }: Plot,
  { column }: PlotSeries,
  table: Table,
  xTable: Table | undefined,
): Omit<SeriesData, 'name'> {
  const xColumn = x?.column
  const yColumn = column ?? table.columns.findLast((each) => each !== xColumn) ?? ''
  const points = table.rows.flatMap((row, index): readonly (readonly [Cell, Cell])[] => {
    const y = row.get(yColumn)
    const at = xColumn === undefined ? index : xTable?.rows[index]?.get(xColumn)
    return y === undefined || at === undefined ? [] : [[at, y]]
  })
  return { xColumn, yColumn, points }
}
