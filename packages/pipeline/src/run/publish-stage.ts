import { lstatSync, mkdirSync, mkdtempSync } from 'node:fs'
import path from 'node:path'
import {
  contentId,
  type OutputPart,
  publishOutputs,
  type Repository,
  RUNS_REF,
  withComparedTree,
} from '@dsv/core'
import { EMPTY_TREE } from '@dsv/store'
import { stageAddress } from '../graph/stage-graph.ts'
import { LOCK_FILE, writeLock } from '../lock/lock-file.ts'
import { readLockFile } from '../lock/read-lock-file.ts'
import type { StageRecord } from '../lock/stage-record.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { storeRun } from '../run-cache/store-run.ts'
import { filePart } from '../steps/metrics-part.ts'
import { checkWay } from './check-way.ts'
import { inTurn } from './in-turn.ts'
import { moveMade } from './move-made.ts'
import type { MadeOutput, StageProduct } from './stage-product.ts'

/** What is published of a stage. */
export interface FinishedStage {
  readonly stage: PipelineStage
  readonly product: StageProduct
  /** A folder beside the working tree, for what has to make place. */
  readonly scratch: string
  /** The digest under which the result is kept for others; undefined where it is not. */
  readonly digest: string | undefined
  /** The release of dsv that made it. */
  readonly tool: string
}

/** Publishes what a stage has made: stage, working tree and lock change at once. */
export async function publishStage(repository: Repository, finished: FinishedStage): Promise<void> {
  const { stage, product, scratch, digest, tool } = finished
  const name = stageAddress(stage)
  const record = recordOf(product, tool)
  await inTurn(repository, async () => {
    const unstored = product.outputs.filter(({ place }) => place !== undefined)
    const inTheWay = await unknownOutputs(repository, name, unstored)
    await publishOutputs(repository, `run ${name}`, async ({ session, state }) => {
      const outputs: OutputPart[] = inTheWay.map((each) => ({ path: each, part: undefined }))
      for (const output of product.outputs)
        if (output.part !== undefined) outputs.push({ path: output.path, part: output.part })
      const lock = new Map(readLockFile(repository.folder)).set(name, record)
      const text = Buffer.from(writeLock(lock))
      outputs.push({ path: LOCK_FILE, part: await filePart(session, text) })
      if (digest === undefined) return { outputs }
      const before = state.refs.get(RUNS_REF)
      const run = { stage: name, digest, record, outputs: product.outputs }
      const refs = new Map([[RUNS_REF, await storeRun(repository, session, before, run)]])
      return { outputs, refs }
    })
    for (const { path: inside, place } of unstored)
      if (place !== undefined) {
        checkWay(repository.folder, name, inside)
        putInPlace(repository.folder, inside, place, scratch)
      }
  })
}

function recordOf(
  { inputs: { action, parameters, dependencies }, outputs }: StageProduct,
  tool: string,
): StageRecord {
  const ids: [string, string][] = []
  for (const [dependency, id] of dependencies) if (id !== undefined) ids.push([dependency, id])
  const made = outputs.map(({ path: each, id }): [string, string] => [each, id])
  return {
    action,
    parameters,
    dependencies: Object.fromEntries(ids),
    outputs: Object.fromEntries(made.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    tool,
  }
}

/**
 * Where an output will lie that is not stored, and something else is than this stage made: it is stored before it
 * goes.
 */
async function unknownOutputs(
  repository: Repository,
  name: string,
  outputs: readonly MadeOutput[],
): Promise<readonly string[]> {
  if (outputs.length === 0) return []
  const known = readLockFile(repository.folder).get(name)?.outputs ?? {}
  const paths = outputs.map((output) => output.path)
  return withComparedTree(
    repository,
    async (compared) => {
      const found: string[] = []
      // What is ignored and lies beside tracked files is no change, but would go as well.
      const untracked = { ...compared, files: EMPTY_TREE, changes: [] }
      for (const each of paths) {
        const id = await contentId(untracked, each)
        if (id !== undefined && id !== known[each]) found.push(each)
      }
      return found
    },
    paths,
  )
}

function putInPlace(root: string, inside: string, place: string, scratch: string): void {
  const target = path.join(root, inside)
  mkdirSync(path.dirname(target), { recursive: true })
  mkdirSync(scratch, { recursive: true })
  // Outputs of several folders may have the same name, and a link may lead nowhere.
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined)
    moveMade(target, path.join(mkdtempSync(path.join(scratch, 'old-')), 'output'))
  moveMade(place, target)
}
