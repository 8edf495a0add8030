import {
  type Commit,
  decodeCommit,
  encodeCommit,
  type Json,
  partAt,
  type Repository,
  type Snapshot,
  withPart,
  workingParts,
  signature,
} from '@dsv/core'
import { EMPTY_TREE, type ObjectId, type ObjectReader } from '@dsv/store'
import { workInvalid } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { Piece } from './pieces.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'

/** What a worker is to do. */
export interface Work {
  /** The address of the stage. */
  readonly stage: string
  /** Whether it is made of built-in steps, which get media when they need them. */
  readonly isOfSteps: boolean
  /** Which of its items; all of them where there is none. */
  readonly piece: Piece | undefined
}

/**
 * Stores a commit that holds what a stage reads, as the working tree has it now: its pipeline file and what that
 * names, parameters and dependencies; of a command also what is staged at its outputs, which gives uids.
 */
export async function storeWork(
  repository: Repository,
  stage: PipelineStage,
  ref: string,
  piece: Piece | undefined,
): Promise<ObjectId> {
  const paths = new Set([
    ...(await filesRead(repository.folder, stage)),
    ...stage.parameters.map(({ file }) => file),
    ...stage.dependencies,
  ])
  const { now, user } = repository.environment
  const author = signature(user, now())
  const work: Work = { stage: stageAddress(stage), isOfSteps: stage.action.kind === 'steps', piece }
  return repository.write(`work ${work.stage}`, async ({ session, state, publish }) => {
    let snapshot: Snapshot = { files: EMPTY_TREE, datasets: new Map() }
    if (!work.isOfSteps)
      for (const { path } of stage.outputs)
        snapshot = await withPart(
          session,
          snapshot,
          path,
          await partAt(session, state.work.stage, path),
        )
    // Folders first: what lies within one is the same there.
    const sorted = [...paths].toSorted()
    for (const [at, found] of (await workingParts(repository, session, sorted)).entries()) {
      const part = await partAt(session, found.snapshot, found.at)
      snapshot = await withPart(session, snapshot, sorted[at] ?? '', part)
    }
    const commit: Commit = {
      ...snapshot,
      parents: [],
      author,
      committer: author,
      message: `work ${work.stage}\n`,
      extra: {
        work: {
          stage: work.stage,
          isOfSteps: work.isOfSteps,
          ...(piece !== undefined && { piece: { at: piece.at, of: piece.of } }),
        },
      },
    }
    const id = await session.putObject('commit', encodeCommit(commit))
    await publish({ refs: new Map([[ref, id]]) })
    return id
  })
}

/** Reads what a worker is to do. @throws `DSV_WORK_INVALID` */
export async function readWork(reader: ObjectReader, id: ObjectId, ref: string): Promise<Work> {
  const { extra } = decodeCommit(await reader.getObject('commit', id))
  const work = extra['work']
  if (!isMap(work)) throw workInvalid(ref, 'says nothing about work')
  const { stage, isOfSteps } = work
  if (typeof stage !== 'string' || typeof isOfSteps !== 'boolean')
    throw workInvalid(ref, 'was put there by another release')
  return { stage, isOfSteps, piece: pieceIn(work['piece'], ref) }
}

function pieceIn(value: Json | undefined, ref: string): Piece | undefined {
  if (value === undefined) return undefined
  const { at, of } = isMap(value) ? value : { at: undefined, of: undefined }
  if (typeof at === 'number' && typeof of === 'number' && at >= 0 && at < of) return { at, of }
  throw workInvalid(ref, 'was put there by another release')
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the files that reading the pipeline file of a stage opens. */
async function filesRead(root: string, { file }: PipelineStage): Promise<readonly string[]> {
  const found = new Set<string>()
  const reader = workingTreeReader(root)
  const recording: PipelineReader = {
    list: async () => [file],
    listBelow: async (folder) => reader.listBelow(folder),
    read: async (path) => {
      const bytes = await reader.read(path)
      if (bytes !== undefined) found.add(path)
      return bytes
    },
  }
  await readPipelines(recording)
  return [...found]
}
