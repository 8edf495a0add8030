export type {
  BuiltInStep,
  Command,
  ParameterUse,
  PipelineStage,
  PlotDefinition,
  StageOutput,
} from './model/pipeline-stage.ts'
export { fileUnreadable, pipelineInvalid, type PipelinePlace } from './errors.ts'
export type { PipelineReader } from './read/pipeline-reader.ts'
export { workingTreeReader } from './read/working-tree-reader.ts'
export { versionReader } from './read/version-reader.ts'
export { type Pipelines, readPipelines, type ReadPipelinesOptions } from './read/read-pipelines.ts'
export type { StepSignature } from './read/read-step-action.ts'
