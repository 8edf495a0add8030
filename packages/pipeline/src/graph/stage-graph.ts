import { isBelow } from '@dsv/core'
import { outputReserved, outputsOverlap, pipelineCycle } from '../errors.ts'
import { LOCK_FILE } from '../lock/lock-file.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'

/** The stages of all pipeline files, and which needs which. */
export interface StageGraph {
  /** Each after those that it needs. */
  readonly stages: readonly PipelineStage[]
  /** The stages whose outputs it reads. */
  upstream(stage: PipelineStage): readonly PipelineStage[]
  /** The stages that read its outputs. */
  downstream(stage: PipelineStage): readonly PipelineStage[]
  /** The stage that makes a path, or makes the folder that it lies in. */
  makerOf(path: string): PipelineStage | undefined
}

/** Returns what names a stage among all: `dsv.yaml:train`. */
export function stageAddress({ file, name }: Pick<PipelineStage, 'file' | 'name'>): string {
  return `${file}:${name}`
}

/**
 * Finds out which stages need which: by the paths that they read and make, which may lie in one another.
 *
 * @throws `DSV_OUTPUTS_OVERLAP`, `DSV_OUTPUT_RESERVED`, `DSV_PIPELINE_CYCLE`
 */
export function stageGraph(stages: readonly PipelineStage[]): StageGraph {
  const makers = outputMakers(stages)
  const inside = makersBelow(makers)
  const up = new Map<PipelineStage, readonly PipelineStage[]>()
  const down = new Map<PipelineStage, PipelineStage[]>()
  for (const stage of stages) {
    const needed = new Set<PipelineStage>()
    for (const path of stage.dependencies) {
      const maker = makerAbove(makers, path)
      if (maker !== undefined) needed.add(maker)
      for (const each of inside.get(path) ?? []) needed.add(each)
    }
    if (needed.has(stage)) throw pipelineCycle([stageAddress(stage)])
    up.set(stage, [...needed])
    for (const each of needed) down.set(each, [...(down.get(each) ?? []), stage])
  }
  return {
    stages: inOrder(stages, up),
    upstream: (stage) => up.get(stage) ?? [],
    downstream: (stage) => down.get(stage) ?? [],
    makerOf: (path) => makerAbove(makers, path),
  }
}

function outputMakers(stages: readonly PipelineStage[]): ReadonlyMap<string, PipelineStage> {
  const makers = new Map<string, PipelineStage>()
  for (const stage of stages)
    for (const { path } of stage.outputs) {
      for (const reserved of [LOCK_FILE, stage.file])
        if (isBelow(reserved, path)) throw outputReserved(stageAddress(stage), path, reserved)
      const other = makers.get(path)
      if (other !== undefined)
        throw outputsOverlap(
          { stage: stageAddress(other), path },
          { stage: stageAddress(stage), path },
        )
      makers.set(path, stage)
    }
  for (const [path, stage] of makers)
    for (const folder of foldersAbove(path)) {
      const other = makers.get(folder)
      if (other !== undefined)
        throw outputsOverlap(
          { stage: stageAddress(other), path: folder },
          { stage: stageAddress(stage), path },
        )
    }
  return makers
}

/** By folder, the stages that make something below it. */
function makersBelow(
  makers: ReadonlyMap<string, PipelineStage>,
): ReadonlyMap<string, ReadonlySet<PipelineStage>> {
  const below = new Map<string, Set<PipelineStage>>()
  for (const [path, stage] of makers)
    for (const folder of foldersAbove(path)) {
      const known = below.get(folder)
      if (known === undefined) below.set(folder, new Set([stage]))
      else known.add(stage)
    }
  return below
}

function makerAbove(
  makers: ReadonlyMap<string, PipelineStage>,
  path: string,
): PipelineStage | undefined {
  const own = makers.get(path)
  if (own !== undefined) return own
  for (const folder of foldersAbove(path)) {
    const maker = makers.get(folder)
    if (maker !== undefined) return maker
  }
  return undefined
}

/** The folders that a path lies in, innermost first; the root is the last. */
function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    yield path.slice(0, at)
  if (path !== '') yield ''
}

/** Among those that could come next, the order of the files is kept. @throws `DSV_PIPELINE_CYCLE` */
function inOrder(
  stages: readonly PipelineStage[],
  up: ReadonlyMap<PipelineStage, readonly PipelineStage[]>,
): readonly PipelineStage[] {
  const ordered: PipelineStage[] = []
  const done = new Set<PipelineStage>()
  for (const start of stages) {
    // The way from `start` upwards; deep pipelines would overflow a recursion.
    const way: { readonly stage: PipelineStage; next: number }[] = []
    const onWay = new Set<PipelineStage>()
    const enter = (stage: PipelineStage): void => {
      if (done.has(stage)) return
      if (onWay.has(stage)) {
        const from = way.findIndex((each) => each.stage === stage)
        throw pipelineCycle(way.slice(from).map((each) => stageAddress(each.stage)))
      }
      onWay.add(stage)
      way.push({ stage, next: 0 })
    }
    enter(start)
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const needed = up.get(last.stage)?.[last.next++]
      if (needed !== undefined) enter(needed)
      else {
        way.pop()
        onWay.delete(last.stage)
        done.add(last.stage)
        ordered.push(last.stage)
      }
    }
  }
  return ordered
}
