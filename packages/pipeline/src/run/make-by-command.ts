import { lstatSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  contentIdOf,
  isDsvError,
  partDatasets,
  recognizePart,
  type Repository,
  type SnapshotPart,
  storeFolder,
} from '@dsv/core'
import type { StepNote } from '@dsv/steps'
import type { TreeRef, WriteSession } from '@dsv/store'
import { stageFailed } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { Command, PipelineStage, StageOutput } from '../model/pipeline-stage.ts'
import { parameterFiles } from '../parameters/parameter-files.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'
import { dependencyId } from '../stale/dependency-id.ts'
import { noteGroup } from './command-group.ts'
import { comparedInTurn } from './compared-in-turn.ts'
import { diskId } from './disk-id.ts'
import { mendLinks } from './mend-links.ts'
import { neverStored } from './never-stored.ts'
import { readStageParameters } from './read-stage-parameters.ts'
import { runCommand } from './run-command.ts'
import { makeScratchFolder, moveUndeclared } from './scratch-folder.ts'
import type { MadeOutput, StageProduct } from './stage-product.ts'

/** A stage that runs a command. */
export interface CommandStage {
  readonly stage: PipelineStage
  readonly command: Command
  readonly inputs: StageInputs
  /** Where its scratch folder shall be. */
  readonly scratch: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onOutput: (bytes: Uint8Array) => void
  /** Told of what the command has made and does not declare. */
  readonly onNote: (note: StepNote) => void
}

/** Runs the command of a stage in a scratch folder. @throws `DSV_STAGE_FAILED` */
export async function runInScratch(repository: Repository, run: CommandStage): Promise<void> {
  const { stage, command, scratch, environment, onOutput } = run
  const name = stageAddress(stage)
  for (const [dependency, id] of run.inputs.dependencies)
    if (id === undefined) throw stageFailed(name, `needs ${dependency}, which does not exist`)
  const { outputs } = stage
  const workingFolder = command.folder
  const request = { root: repository.folder, folder: scratch, workingFolder, outputs }
  makeScratchFolder(request)
  const failure = await runCommand({
    lines: command.lines,
    folder: path.join(scratch, command.folder),
    environment: {
      ...environment,
      DVC_ROOT: scratch,
      DSV_ROOT: scratch,
      DVC_STAGE: stage.name,
      DSV_STAGE: name,
    },
    signal: repository.environment.signal,
    onOutput,
    onGroup: (group) => noteGroup(scratch, group),
  })
  if (failure !== undefined) {
    const { line, exitCode, signal: killer } = failure
    const end = exitCode === undefined ? `was ended by ${killer}` : `exited with ${exitCode}`
    throw stageFailed(name, `failed: \`${line.slice(0, 300)}\` ${end}`)
  }
  for (const output of outputs) {
    const stat = lstatSync(path.join(scratch, output.path), { throwIfNoEntry: false })
    if (stat === undefined)
      throw stageFailed(
        name,
        `did not make ${output.path}`,
        'What it made before is as it was. A command runs in a scratch folder: let it write relative to that, or to $DSV_ROOT.',
      )
    if (!stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink())
      throw stageFailed(name, `made ${output.path}, which is no file, folder or link`)
  }
  for (const output of outputs) mendLinks(scratch, output.path)
  for (const { path: output, isStored } of outputs)
    for (const where of isStored ? neverStored(scratch, output) : [])
      run.onNote({
        what: 'made in an output, but never stored and so dropped (to keep it, let the command pack it into a file, or use `cache: false`)',
        where,
      })
  const undeclared = moveUndeclared(request)
  for (const where of undeclared.moved) run.onNote({ what: 'file made that is no output', where })
  for (const where of undeclared.left)
    run.onNote({ what: 'file changed that is no output; the change was dropped', where })
}

/** Stores what a command has made. */
export async function storeProduct(
  repository: Repository,
  session: WriteSession,
  { stage, inputs, scratch }: CommandStage,
): Promise<StageProduct> {
  const outputs: MadeOutput[] = []
  for (const output of stage.outputs)
    outputs.push(await storeOutput(repository, session, scratch, output))
  const isSame = await areUnchanged(repository, stage, inputs)
  const isRepeatable = isSame && !stage.outputs.some(({ persists }) => persists)
  return { inputs, outputs, isRepeatable }
}

async function storeOutput(
  repository: Repository,
  session: WriteSession,
  scratch: string,
  { path: inside, isStored, kind }: StageOutput,
): Promise<MadeOutput> {
  const place = path.join(scratch, inside)
  if (!isStored) return { path: inside, id: await diskId(repository, place, inside), place }
  const files = await storeFolder(repository, session, place, inside)
  const id = await contentIdOf(session, files)
  const isData = kind === 'data' && lstatSync(place).isDirectory()
  const plain = { files, datasets: new Map() }
  return {
    path: inside,
    id,
    part: isData ? await recognized(repository, session, inside, files) : plain,
  }
}

/** What cannot be read as a dataset stays what it is: files. */
async function recognized(
  repository: Repository,
  session: WriteSession,
  place: string,
  files: TreeRef,
): Promise<SnapshotPart> {
  const { work } = await repository.state()
  const before = partDatasets(work.stage, place)
  try {
    return await recognizePart(repository, session, files, { name: place, before })
  } catch (error) {
    if (!isDsvError(error)) throw error
    return { files, datasets: new Map() }
  }
}

/** Returns whether what a command has read is still what it was when it began. */
async function areUnchanged(
  repository: Repository,
  stage: PipelineStage,
  { dependencies, parameters }: StageInputs,
): Promise<boolean> {
  if (!(await areParameters(repository, stage, parameters))) return false
  const paths = [...dependencies.keys()]
  return comparedInTurn(repository, paths, async (compared) => {
    for (const [dependency, id] of dependencies)
      if ((await dependencyId(compared, dependency)) !== id) return false
    return true
  })
}

async function areParameters(
  { folder }: Repository,
  stage: PipelineStage,
  before: StageInputs['parameters'],
): Promise<boolean> {
  const files = parameterFiles(workingTreeReader(folder))
  try {
    return isDeepStrictEqual(await readStageParameters(files, stage.parameters), before)
  } catch (error) {
    // It is being written just now.
    if (isDsvError(error)) return false
    throw error
  }
}
