import type { PlannedStage } from '../run/plan-run.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { stageAddress, type StageGraph } from './stage-graph.ts'

/**
 * Shares the stages that have to run among machines, so that none needs what another makes: stages that are tied by
 * what they need stay together. The same plan gives the same shares everywhere.
 *
 * @param most - How many shares there may be, from 1 on
 * @returns the targets of each share, as `StageChoice` takes them: the stages that no other of them needs. No
 *   share is empty.
 */
export function shareStages(
  graph: StageGraph,
  planned: readonly PlannedStage[],
  most: number,
): readonly (readonly string[])[] {
  const stale = planned
    .filter(({ reasons, isSkipped }) => reasons.length > 0 && !isSkipped)
    .map(({ stage }) => stage)
  const parts = tiedParts(graph, stale)
  const shares: PipelineStage[][] = parts.slice(0, most).map(() => [])
  // The longest first, each to the share that has least to do.
  for (const part of parts.toSorted((a, b) => b.length - a.length)) {
    const least = shares.reduce((a, b) => (b.length < a.length ? b : a))
    least.push(...part)
  }
  const isStale = new Set(stale)
  return shares.map((share) =>
    share
      .filter((stage) => graph.downstream(stage).every((each) => !isStale.has(each)))
      .map(stageAddress),
  )
}

/** The connected parts of a graph that is cut down to some of its stages. */
function tiedParts(
  graph: StageGraph,
  stages: readonly PipelineStage[],
): readonly (readonly PipelineStage[])[] {
  const left = new Set(stages)
  const parts: PipelineStage[][] = []
  for (const first of stages) {
    if (!left.delete(first)) continue
    const part = [first]
    // What is added while the list is walked is walked too.
    for (const stage of part)
      for (const each of [...graph.upstream(stage), ...graph.downstream(stage)])
        if (left.delete(each)) part.push(each)
    parts.push(part)
  }
  return parts
}
