import path from 'node:path'
import { isBelow } from '@dsv/core'
import type { SourceFiles } from '@dsv/remote'
import { stageGraph, type StageGraph } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { PIPELINE_FILES, type PipelineReader } from '../read/pipeline-reader.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import { type RecordedId, recordedId } from './recorded-id.ts'

/** What has to be done to make a path that a registry does not store. */
export interface StagePlan {
  /** The output that the path is, or lies in. */
  readonly output: string
  /** The stage that makes it. */
  readonly maker: PipelineStage
  /** All stages that have to run, each after those that it needs. */
  readonly stages: readonly PipelineStage[]
  /** What they read and none of them makes. */
  readonly inputs: readonly string[]
  /** The files that describe the pipeline, with their parameters. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** What came out over there; undefined where nobody recorded it. */
  readonly recorded: RecordedId | undefined
}

/** Returns how a path can be made; undefined where no stage makes it, or it is stored. */
export async function planMaking(
  files: SourceFiles,
  asked: string,
): Promise<StagePlan | undefined> {
  const read = new Map<string, Uint8Array>()
  const reader = registryReader(files)
  const { stages } = await readPipelines(recording(reader, read))
  const graph = stageGraph(stages)
  const maker = stages.find(({ outputs }) =>
    outputs.some((each) => !each.isStored && isBelow(asked, each.path)),
  )
  const output = maker?.outputs.find((each) => isBelow(asked, each.path))?.path
  if (maker === undefined || output === undefined) return undefined
  const chain = chainOf(graph, maker)
  const made = [...chain].flatMap(({ outputs }) => outputs.map((each) => each.path))
  const isMade = (needed: string): boolean => made.some((each) => isBelow(needed, each))
  const inputs = new Set([...chain].flatMap(({ dependencies }) => dependencies))
  for (const { parameters } of chain)
    for (const { file } of parameters) {
      const bytes = await files.read(file)
      if (bytes !== undefined) read.set(file, bytes)
    }
  return {
    output,
    maker,
    stages: graph.stages.filter((stage) => chain.has(stage)),
    inputs: [...inputs].filter((each) => !isMade(each) && !read.has(each)),
    files: read,
    recorded: await recordedId(reader, maker, output),
  }
}

/** The stage, and those that make what it needs and nobody stores. */
function chainOf(graph: StageGraph, maker: PipelineStage): ReadonlySet<PipelineStage> {
  const chain = new Set<PipelineStage>()
  const waiting = [maker]
  for (let stage = waiting.pop(); stage !== undefined; stage = waiting.pop()) {
    if (chain.has(stage)) continue
    chain.add(stage)
    for (const needed of stage.dependencies)
      for (const above of graph.upstream(stage)) {
        const output = above.outputs.find(
          (each) => isBelow(needed, each.path) || isBelow(each.path, needed),
        )
        if (output?.isStored === false) waiting.push(above)
      }
  }
  return chain
}

/** Returns what reads pipelines of a registry. */
export function registryReader(files: SourceFiles): PipelineReader {
  let listing: Promise<readonly string[]> | undefined
  const all = async (): Promise<readonly string[]> => (listing ??= files.list())
  return {
    list: async () =>
      (await all()).filter((file) => PIPELINE_FILES.includes(path.posix.basename(file))),
    listBelow: async (folder) => (await all()).filter((file) => isBelow(file, folder)),
    read: async (file) => files.read(file),
  }
}

/** Notes which files that took. */
function recording(reader: PipelineReader, read: Map<string, Uint8Array>): PipelineReader {
  return {
    ...reader,
    read: async (file) => {
      const bytes = await reader.read(file)
      if (bytes !== undefined) read.set(file, bytes)
      return bytes
    },
  }
}
