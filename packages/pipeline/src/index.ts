export { type Pipelines, readPipelines } from './read/read-pipelines.ts'
export type {
  Command,
  ParameterUse,
  PipelineStage,
  PlotColumn,
  PlotDefinition,
  PlotSeries,
  StageOutput,
  StepChain,
  StepUse,
  TopLevelPlot,
} from './model/pipeline-stage.ts'
export { fileUnreadable, pipelineInvalid, type PipelinePlace } from './errors.ts'
export type { PipelineReader } from './read/pipeline-reader.ts'
export { workingTreeReader } from './read/working-tree-reader.ts'
export { versionReader } from './read/version-reader.ts'
export {
  lockInvalid,
  outputReserved,
  outputsOverlap,
  pipelineCycle,
  stageFailed,
  stageUnknown,
} from './errors.ts'
export { stageAddress, stageGraph, type StageGraph } from './graph/stage-graph.ts'
export { shareStages } from './graph/share-stages.ts'
export { chooseStages, type ChosenStages, type StageChoice } from './graph/choose-stages.ts'
export type { PipelineLock, StageRecord } from './lock/stage-record.ts'
export { LOCK_FILE, readLock, writeLock } from './lock/lock-file.ts'
export type { StaleReason } from './stale/stale-reasons.ts'
export type { PlannedStage } from './run/plan-run.ts'
export {
  type RunListener,
  type RunOutcome,
  runPipeline,
  type RunRequest,
  type StageEnd,
} from './run/run-pipeline.ts'
export { sideReader } from './values/side-reader.ts'
export type { FileValues, ReadValues } from './values/file-values.ts'
export { parameterValuesOf } from './values/parameter-values.ts'
export { metricsValuesOf } from './values/metrics-values.ts'
export { comparedValues, diffValues, type ValueChange } from './values/diff-values.ts'
export { type AllPlotData, type PlotData, type PlotSide, readPlotData } from './plots/plot-data.ts'
export { plotsPage } from './plots/plots-page.ts'
export type { PipelineInput, PipelineStep, PipelineStepContext } from './steps/pipeline-step.ts'
export { filePart, metricsPart } from './steps/metrics-part.ts'
export { PIPELINE_STEPS } from './steps/registry.ts'
export { pipelineFiles } from './stale/pipeline-files.ts'
export { planStages, type StagePlan } from './stale/plan-stages.ts'
export { drawGraph, type GraphStyle } from './graph/draw-graph.ts'
export { readGraph } from './graph/read-graph.ts'
export { type LineageNode, type Origin } from './lineage/lineage.ts'
export { readLineage } from './lineage/read-lineage.ts'
export { withLineage } from './import/recorded-lineage.ts'
export { makingSource, type MakingOptions } from './import/making-source.ts'
export type { StageExecutor } from './elsewhere/stage-executor.ts'
export type { JobEnd, JobRequest, JobRunner } from './elsewhere/job-runner.ts'
export { localJobs } from './elsewhere/local-jobs.ts'
export { remoteExecutor, type RemoteExecution } from './elsewhere/remote-executor.ts'
export { doWork, type WorkRequest } from './elsewhere/do-work.ts'
export { shellWord } from './elsewhere/shell-word.ts'
export { rayJobs, type RayOptions } from './elsewhere/ray-jobs.ts'
