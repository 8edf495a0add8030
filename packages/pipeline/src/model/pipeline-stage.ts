import type { Json } from '@dsv/core'

/**
 * A stage of a pipeline with everything filled in: no template is left, every path is relative to the root of the
 * repository, `/`-separated, and lies inside it.
 */
export interface PipelineStage {
  /** The pipeline file it stands in: `dsv.yaml`, `data/dvc.yaml`. */
  readonly file: string
  /** Unique within its file; `name@key` where it was made of a `foreach` or a `matrix`. */
  readonly name: string
  readonly description?: string
  readonly action: Command | StepChain
  /** What it reads. Those of a built-in step are its inputs and what it finds out itself. */
  readonly dependencies: readonly string[]
  readonly parameters: readonly ParameterUse[]
  readonly outputs: readonly StageOutput[]
  /** Runs only when it is named. */
  readonly isFrozen: boolean
  /** Is stale always. */
  readonly alwaysRuns: boolean
}

/** Lines for the shell, run one after the other until one fails. */
export interface Command {
  readonly kind: 'command'
  readonly lines: readonly string[]
  /** Where it runs; empty for the root. */
  readonly folder: string
}

/** Steps of dsv, each on what the one before it made. */
export interface StepChain {
  readonly kind: 'steps'
  /** Paths of what the first takes: datasets, or files and folders in a format that is found out. */
  readonly inputs: readonly string[]
  /** Where the result goes. */
  readonly output: string
  /** The format of a result that is a new dataset; that of the first input where it says nothing. */
  readonly format?: string
  /** Where the reports of the steps go, as JSON; one of the outputs. */
  readonly report?: string
  /** One or more. */
  readonly steps: readonly StepUse[]
}

/** A step, and what it is told. */
export interface StepUse {
  /** `filter`, `frames`. */
  readonly name: string
  /** By name, with the types that the step declares. */
  readonly options: Readonly<Record<string, Json>>
}

/** Values that a command reads from a parameter file. */
export interface ParameterUse {
  readonly file: string
  /** Dotted keys; undefined for the whole file. */
  readonly keys: readonly string[] | undefined
}

/** A file or folder that a stage makes. */
export interface StageOutput {
  readonly path: string
  readonly kind: 'data' | 'metrics' | 'plots'
  /** False where only its id is recorded (`cache: false` of data). */
  readonly isStored: boolean
  /** Whether the stage finds what it made before. */
  readonly persists: boolean
  /** How it is drawn, where the file says it: once for each plot. */
  readonly plots?: readonly PlotDefinition[]
}

/** How a plot is drawn, in the words of `dvc.yaml`. */
export interface PlotDefinition {
  readonly x?: string
  readonly y?: readonly string[]
  readonly xLabel?: string
  readonly yLabel?: string
  readonly title?: string
  readonly template?: string
  /** Whether the first line of a table names its columns; true by default. */
  readonly hasHeader?: boolean
}

/** A plot of its own, which may draw several files: an entry of `plots` at the top of a pipeline file. */
export interface TopLevelPlot extends Omit<PlotDefinition, 'x' | 'y'> {
  /** The pipeline file it stands in. */
  readonly file: string
  readonly name: string
  /** What goes along the horizontal axis; of the file of each series where none is named. */
  readonly x?: PlotColumn
  /** What is drawn; without a column, what the file offers. */
  readonly series: readonly PlotSeries[]
}

/** A column of a table, or a key of the records of a file. */
export interface PlotColumn {
  readonly file?: string
  readonly column: string
}

/** What is drawn as one line. */
export interface PlotSeries {
  readonly file: string
  readonly column?: string
}
