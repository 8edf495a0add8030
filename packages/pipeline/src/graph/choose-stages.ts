import { stageUnknown } from '../errors.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { stageAddress, type StageGraph } from './stage-graph.ts'

/** Which stages are meant. */
export interface StageChoice {
  /**
   * `name`, `file:name`, a group (`train` for `train@a`, `train@b`), a pipeline file, or a path that a stage
   * makes; none means all.
   */
  readonly targets?: readonly string[]
  /** Returns the path in the repository that a target means; the target itself by default. */
  readonly pathOf?: (target: string) => string
  /** The named ones alone, without what they need. */
  readonly single?: boolean
  /** The named ones and all that need them, without what these need besides. */
  readonly downstream?: boolean
}

/** What a choice means. */
export interface ChosenStages {
  /** In order: each after those that it needs. */
  readonly stages: readonly PipelineStage[]
  /** Those that were named. */
  readonly named: ReadonlySet<PipelineStage>
}

/** Returns the stages that are chosen. @throws `DSV_STAGE_UNKNOWN` */
export function chooseStages(graph: StageGraph, choice: StageChoice): ChosenStages {
  const { targets = [], pathOf = plainPath, single = false, downstream = false } = choice
  if (targets.length === 0) return { stages: graph.stages, named: new Set() }
  const named = new Set(targets.flatMap((target) => stagesNamed(graph, target, pathOf)))
  if (single) return { stages: graph.stages.filter((stage) => named.has(stage)), named }
  const next = downstream
    ? (stage: PipelineStage) => graph.downstream(stage)
    : (stage: PipelineStage) => (stage.isFrozen ? [] : graph.upstream(stage))
  const chosen = reachable(named, next)
  return { stages: graph.stages.filter((stage) => chosen.has(stage)), named }
}

function stagesNamed(
  graph: StageGraph,
  target: string,
  pathOf: (target: string) => string,
): readonly PipelineStage[] {
  const { stages } = graph
  const found =
    [
      (stage: PipelineStage) => stageAddress(stage) === target,
      (stage: PipelineStage) => stage.name === target,
      (stage: PipelineStage) =>
        groupOf(stageAddress(stage)) === target || groupOf(stage.name) === target,
    ]
      .map((isMeant) => stages.filter(isMeant))
      .find((each) => each.length > 0) ?? []
  if (found.length > 0) return found
  const path = pathOf(target)
  const inFile = stages.filter((stage) => stage.file === path)
  if (inFile.length > 0) return inFile
  const maker = graph.makerOf(path)
  if (maker !== undefined) return [maker]
  throw stageUnknown(
    target,
    stages.map(({ name }) => name),
  )
}

function plainPath(target: string): string {
  return target.replace(/^\.\//, '').replace(/\/+$/, '')
}

/** `train@a` → `train`. */
function groupOf(name: string): string | undefined {
  const at = name.indexOf('@')
  return at < 0 ? undefined : name.slice(0, at)
}

function reachable(
  from: ReadonlySet<PipelineStage>,
  next: (stage: PipelineStage) => readonly PipelineStage[],
): ReadonlySet<PipelineStage> {
  const found = new Set(from)
  // What is added while the set is walked is walked too.
  for (const stage of found) for (const each of next(stage)) found.add(each)
  return found
}
