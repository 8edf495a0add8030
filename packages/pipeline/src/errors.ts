import { DsvError } from '@dsv/store'

/** `DSV_PIPELINE_FILE_UNREADABLE`: a pipeline, parameter or metrics file is damaged or of another kind. */
export function fileUnreadable(
  file: string,
  problem: string,
  line?: number,
  cause?: unknown,
): DsvError<'DSV_PIPELINE_FILE_UNREADABLE'> {
  const place = line === undefined ? file : `${file}, line ${line}:`
  return new DsvError('DSV_PIPELINE_FILE_UNREADABLE', `${shown(place)} ${shown(problem)}.`, {
    details: { file, problem, ...(line !== undefined && { line }) },
    hint: 'Correct the file.',
    ...(cause !== undefined && { cause }),
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
