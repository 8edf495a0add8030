import type { DatasetContent, DatasetView, Repository, SnapshotPart } from '@dsv/core'
import type { OptionDefinitions, StepNote, StepReport } from '@dsv/steps'
import type { ObjectId, WriteSession } from '@dsv/store'

/**
 * A step that stages of `dsv.yaml` can name. Every step of `@dsv/steps` is one; others take or make what is no
 * dataset. One file for each, and one line in the registry.
 */
export interface PipelineStep {
  /** What users type, in kebab-case. */
  readonly name: string
  readonly summary: string
  /** Whether it takes exactly one input, or any number of them. */
  readonly inputs: 'one' | 'many'
  readonly options: OptionDefinitions
  /** What lies at its output afterwards. */
  readonly makes: 'dataset' | 'files' | 'metrics'
  /**
   * Makes what the output becomes: paths are relative to it, that of a file is empty. The same inputs and options
   * have to give the same bytes, on every machine. The stage, the working tree and other processes see nothing of it
   * before it is published.
   */
  run(context: PipelineStepContext): Promise<SnapshotPart | FilesOnDisk>
  /** Makes the dataset without its files. Only of steps that go item by item, whose inputs can be cut into pieces. */
  content?(context: PipelineStepContext): Promise<DatasetContent>
}

/** Files that a step has written to disk, and that are not stored yet. */
export interface FilesOnDisk {
  /** Absolute path of a file or folder below the scratch folder. */
  readonly place: string
}

/** What a step works with. */
export interface PipelineStepContext {
  readonly repository: Repository
  /** Where it stores what it makes, and reads what is stored. */
  readonly session: WriteSession
  readonly inputs: readonly PipelineInput[]
  /** As the file has them; not checked. */
  readonly options: Readonly<Record<string, unknown>>
  /** The format of a dataset that it makes, where the stage says one. */
  readonly format: string | undefined
  /** Where the result will lie. */
  readonly output: string
  readonly signal: AbortSignal
  /** Told of what was left out or decided. */
  readonly onNote: (note: StepNote) => void
  /** Given what a step has to say beside its result. */
  readonly onReport: (report: StepReport) => void
  /** Returns the absolute path of an empty folder, for steps that work on disk. It is removed afterwards. */
  readonly scratchFolder: () => string
}

/** An input of a step, as the working tree has it. */
export interface PipelineInput {
  readonly path: string
  /** Absolute path of where it lies on disk, for steps that read files. */
  readonly place: string
  /** What lies there. */
  readonly part: () => Promise<SnapshotPart>
  /** Reads it as a dataset. @throws `DSV_DATASET_UNKNOWN` */
  readonly view: () => Promise<DatasetView>
  /** The id of the dataset's version. @throws `DSV_DATASET_UNKNOWN` */
  readonly datasetId: () => Promise<ObjectId>
  /** The format of the dataset. @throws `DSV_DATASET_UNKNOWN` */
  readonly format: () => Promise<string>
}
