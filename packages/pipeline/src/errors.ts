import { DsvError } from '@dsv/store'

/** `DSV_PIPELINE_FILE_UNREADABLE`: a pipeline, parameter or metrics file is damaged or of another kind. */
export function fileUnreadable(
  file: string,
  problem: string,
  line?: number,
  hint = 'Correct the file.',
): DsvError<'DSV_PIPELINE_FILE_UNREADABLE'> {
  const place = line === undefined ? file : `${file}, line ${line}:`
  return new DsvError('DSV_PIPELINE_FILE_UNREADABLE', `${shown(place)} ${shown(problem)}.`, {
    details: { file, problem, ...(line !== undefined && { line }) },
    hint,
  })
}

/** Where in a pipeline file something stands. */
export interface PipelinePlace {
  readonly file: string
  readonly line: number
  readonly stage: string | undefined
  /** The way to it: `stages.train.outs[0]`. */
  readonly key: string
}

/** `DSV_PIPELINE_INVALID`: a pipeline file says something that cannot be. */
export function pipelineInvalid(
  place: PipelinePlace,
  problem: string,
  hint?: string,
): DsvError<'DSV_PIPELINE_INVALID'> {
  const { file, line, key } = place
  const where = key === '' ? `${file}, line ${line}:` : `${file}, line ${line}: ${key}`
  return new DsvError('DSV_PIPELINE_INVALID', `${shown(where)} ${shown(problem)}.`, {
    details: { ...place, problem },
    hint: hint ?? 'docs/pipeline-files.md says what a pipeline file may hold.',
  })
}

/** Text from a file, short and on one line. */
function shown(text: string): string {
  return text.slice(0, 300).replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD')
}

/** `DSV_PIPELINE_CYCLE`: stages need each other's outputs. */
export function pipelineCycle(stages: readonly string[]): DsvError<'DSV_PIPELINE_CYCLE'> {
  const [first = ''] = stages
  const way = [...stages, first].join(' → ')
  const message =
    stages.length === 1
      ? `Stage ${first} needs what it makes itself`
      : `Stages need one another: ${way}`
  return new DsvError('DSV_PIPELINE_CYCLE', message, {
    details: { stages },
    hint: 'Take one of the dependencies away, or let a stage write to another place.',
  })
}

/** `DSV_OUTPUTS_OVERLAP`: two stages write to one place. */
export function outputsOverlap(
  first: { readonly stage: string; readonly path: string },
  second: { readonly stage: string; readonly path: string },
): DsvError<'DSV_OUTPUTS_OVERLAP'> {
  const message =
    first.path === second.path
      ? `${first.path} is an output of ${first.stage} and of ${second.stage}`
      : `${second.path}, an output of ${second.stage}, lies in ${first.path}, an output of ${first.stage}`
  return new DsvError('DSV_OUTPUTS_OVERLAP', message, {
    details: { first, second },
    hint: 'Let each stage write to a place of its own.',
  })
}

/** `DSV_OUTPUT_RESERVED`: an output would lie where dsv keeps what it needs to run the stage. */
export function outputReserved(
  stage: string,
  path: string,
  what: string,
): DsvError<'DSV_OUTPUT_RESERVED'> {
  return new DsvError(
    'DSV_OUTPUT_RESERVED',
    `${path}, an output of ${stage}, is the place of ${what}`,
    {
      details: { stage, path, what },
      hint: 'Let the stage write to another place.',
    },
  )
}

/** `DSV_STAGE_UNKNOWN`: nothing in the pipeline files has this name or makes this path. */
export function stageUnknown(
  target: string,
  known: readonly string[],
): DsvError<'DSV_STAGE_UNKNOWN'> {
  const some = known.slice(0, 10).join(', ')
  const hint =
    known.length === 0
      ? 'There is no pipeline: describe one in dsv.yaml.'
      : `There are: ${some}${known.length > 10 ? `, and ${known.length - 10} more` : ''}.`
  return new DsvError(
    'DSV_STAGE_UNKNOWN',
    `There is no stage and no output ${JSON.stringify(target.slice(0, 200))}`,
    { details: { target }, hint },
  )
}

/** `DSV_LOCK_INVALID`: `dsv.lock` does not hold what dsv writes. */
export function lockInvalid(
  file: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_LOCK_INVALID'> {
  return new DsvError('DSV_LOCK_INVALID', `${file}: ${problem}`, {
    details: { file, problem },
    hint: `Bring it back with \`dsv restore ${file}\`, or delete it: then all stages run again.`,
    ...(cause !== undefined && { cause }),
  })
}

/** `DSV_STAGE_FAILED`: a stage did not do what it is for; names why. */
export function stageFailed(
  stage: string,
  problem: string,
  hint = 'What it made before is as it was.',
): DsvError<'DSV_STAGE_FAILED'> {
  return new DsvError('DSV_STAGE_FAILED', `Stage ${stage} ${problem}`, {
    details: { stage, problem },
    hint,
  })
}

/** `DSV_CHECK_FOUND`: a step looked for what is wrong in a dataset, and there is something. */
export function checkFound(
  dataset: string,
  count: number,
  first: string,
): DsvError<'DSV_CHECK_FOUND'> {
  return new DsvError(
    'DSV_CHECK_FOUND',
    `${dataset} has ${count} ${count === 1 ? 'finding' : 'findings'}, of ${first} first`,
    {
      details: { dataset, count, first },
      hint: `See them with \`dsv check ${dataset}\`, or let the stage go on with \`fail-on: never\`.`,
    },
  )
}

/** `DSV_COMMAND_NOT_ALLOWED`: something has to be made by commands of another repository. */
export function commandNotAllowed(
  output: string,
  commands: readonly string[],
): DsvError<'DSV_COMMAND_NOT_ALLOWED'> {
  const lines = commands.map((line) => JSON.stringify(shown(line)))
  return new DsvError(
    'DSV_COMMAND_NOT_ALLOWED',
    `${output} is not stored there; it is made by ${lines.join(', ')}`,
    {
      details: { output, commands },
      hint: 'Run commands of that repository on this machine with --allow-run, if you trust it.',
    },
  )
}

/** `DSV_OUTPUT_DIFFERS`: a stage that ran again made something else than it did elsewhere. */
export function outputDiffers(
  output: string,
  recorded: string,
  made: string | undefined,
): DsvError<'DSV_OUTPUT_DIFFERS'> {
  return new DsvError(
    'DSV_OUTPUT_DIFFERS',
    `${output} came out ${made === undefined ? 'differently' : `as ${made}`} here; recorded is ${recorded.replace(/^md5[^:]*:/u, '')}`,
    {
      details: { output, recorded, made },
      hint: 'Programs may be of other versions here. Take it as it is with --accept-different.',
    },
  )
}

/** `DSV_WORKER_LOST`: the workers of a stage were killed, one after the other. */
export function workerLost(
  stage: string,
  place: string,
  attempts: number,
  reason: string,
): DsvError<'DSV_WORKER_LOST'> {
  return new DsvError(
    'DSV_WORKER_LOST',
    `${attempts} workers of stage ${shown(stage)} were lost on ${place}: ${shown(reason)}`,
    {
      details: { stage, place, attempts, reason },
      hint: 'Look whether its machines have enough memory and disk, then run again; what was done stays.',
    },
  )
}

/** `DSV_WORK_INVALID`: a worker does not find what it is to do. */
export function workInvalid(ref: string, problem: string): DsvError<'DSV_WORK_INVALID'> {
  return new DsvError('DSV_WORK_INVALID', `${shown(ref)} ${problem}`, {
    details: { ref, problem },
    hint: '`dsv run --on` starts workers; nobody else has to.',
  })
}

/** `DSV_CLUSTER_UNREACHABLE`: what starts workers does not answer as it should. */
export function clusterUnreachable(
  address: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_CLUSTER_UNREACHABLE'> {
  return new DsvError('DSV_CLUSTER_UNREACHABLE', `${shown(address)} ${shown(problem)}`, {
    details: { address, problem },
    hint: 'Name the address of the Jobs API of Ray, that of its dashboard: ray://host:8265.',
    ...(cause !== undefined && { cause }),
  })
}
