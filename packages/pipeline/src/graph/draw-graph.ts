import type { PipelineStage } from '../model/pipeline-stage.ts'
import { stageAddress, type StageGraph } from './stage-graph.ts'

/** How a graph is drawn. */
export type GraphStyle = 'text' | 'mermaid' | 'dot'

/** Draws stages and which needs which, for people, for Mermaid or for Graphviz. */
export function drawGraph(
  graph: StageGraph,
  stages: readonly PipelineStage[],
  style: GraphStyle,
): string {
  const shown = new Set(stages)
  const needed = (stage: PipelineStage): readonly PipelineStage[] =>
    graph.upstream(stage).filter((each) => shown.has(each))
  if (style === 'mermaid') return mermaid(stages, needed)
  return style === 'dot' ? dot(stages, needed) : text(stages, needed)
}

type Needed = (stage: PipelineStage) => readonly PipelineStage[]

function mermaid(stages: readonly PipelineStage[], needed: Needed): string {
  const names = new Map(stages.map((stage, at) => [stage, `stage${at + 1}`]))
  const nodes = stages.map((stage) => `  ${names.get(stage)}["${asLabel(stageAddress(stage))}"]`)
  const edges = stages.flatMap((stage) =>
    needed(stage).map((each) => `  ${names.get(each)} --> ${names.get(stage)}`),
  )
  return ['flowchart TD', ...nodes, ...edges, ''].join('\n')
}

/** Pages show what stands there as HTML. */
function asLabel(name: string): string {
  return name.replaceAll(/[#"&<>]/gu, (each) => `#${each.codePointAt(0)};`)
}

function dot(stages: readonly PipelineStage[], needed: Needed): string {
  const quoted = (stage: PipelineStage): string =>
    `"${stageAddress(stage).replaceAll(/["\\]/gu, String.raw`\$&`)}"`
  const nodes = stages.map((stage) => `  ${quoted(stage)};`)
  const edges = stages.flatMap((stage) =>
    needed(stage).map((each) => `  ${quoted(each)} -> ${quoted(stage)};`),
  )
  return ['digraph pipeline {', ...nodes, ...edges, '}', ''].join('\n')
}

/** Each stage below one that it needs; one that needs several stands below the last of them. */
function text(stages: readonly PipelineStage[], needed: Needed): string {
  const order = new Map(stages.map((stage, at) => [stage, at]))
  const below = new Map<PipelineStage | undefined, PipelineStage[]>()
  for (const stage of stages) {
    const last = needed(stage).toSorted((a, b) => (order.get(b) ?? 0) - (order.get(a) ?? 0))[0]
    below.set(last, [...(below.get(last) ?? []), stage])
  }
  const lines: string[] = []
  const waiting = (below.get(undefined) ?? []).toReversed().map((stage) => ({ stage, depth: 0 }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { stage, depth } = next
    const all = needed(stage)
    const also = all.length > 1 ? ` (needs ${all.map(stageAddress).join(', ')})` : ''
    lines.push(`${'  '.repeat(depth)}${stageAddress(stage)}${also}`)
    for (const each of (below.get(stage) ?? []).toReversed())
      waiting.push({ stage: each, depth: depth + 1 })
  }
  return lines.map((line) => `${line}\n`).join('')
}
