export type {
  BuiltInStep,
  Command,
  ParameterUse,
  PipelineStage,
  PlotDefinition,
  StageOutput,
} from './model/pipeline-stage.ts'
