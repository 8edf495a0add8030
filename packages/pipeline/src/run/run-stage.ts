import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Repository } from '@dsv/core'
import { stageFailed } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { Command, PipelineStage } from '../model/pipeline-stage.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'
import { mendLinks } from './mend-links.ts'
import { publishStage } from './publish-stage.ts'
import { runCommand } from './run-command.ts'
import { makeScratchFolder } from './scratch-folder.ts'

/** A stage that runs a command. */
export interface CommandRun {
  readonly stage: PipelineStage
  readonly command: Command
  readonly inputs: StageInputs
  /** Where its scratch folder shall be. */
  readonly scratch: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly onOutput: (bytes: Uint8Array) => void
}

/**
 * Runs the command of a stage beside the working tree and publishes what it made.
 *
 * @throws `DSV_STAGE_FAILED`
 */
export async function runCommandStage(repository: Repository, run: CommandRun): Promise<void> {
  const { stage, command, scratch, environment, signal, onOutput } = run
  const name = stageAddress(stage)
  const { folder: root } = repository
  for (const [dependency, id] of run.inputs.dependencies)
    if (id === undefined) throw stageFailed(name, `needs ${dependency}, which does not exist`)
  makeScratchFolder({
    root,
    folder: scratch,
    workingFolder: command.folder,
    outputs: stage.outputs,
  })
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
    signal,
    onOutput,
  })
  if (failure !== undefined) {
    const { line, exitCode, signal: killer } = failure
    const end = exitCode === undefined ? `was ended by ${killer}` : `exited with ${exitCode}`
    throw stageFailed(name, `failed: \`${line.slice(0, 300)}\` ${end}`)
  }
  for (const output of stage.outputs)
    if (!existsSync(path.join(scratch, output.path)))
      throw stageFailed(
        name,
        `did not make ${output.path}`,
        'What it made before is as it was. Commands run in a scratch folder: write to paths relative to it, or to $DSV_ROOT.',
      )
  for (const output of stage.outputs) mendLinks(scratch, output.path)
  await publishStage(repository, { stage, inputs: run.inputs, scratch })
}
