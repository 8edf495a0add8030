import { DsvError } from '@dsv/store'

/** `DSV_FORMAT_SYNTAX`: a file does not hold what its format demands; names the file and the place. */
export function formatSyntax(
  file: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_FORMAT_SYNTAX'> {
  return new DsvError('DSV_FORMAT_SYNTAX', `${file}: ${problem}.`, {
    cause,
    details: { file, problem },
    hint: 'Fix the file, name another format with `--format`, or go on without it with `--on-error skip`.',
  })
}

/** `DSV_FILE_NOT_FOUND`: a file that is needed is not in the folder. */
export function fileNotFound(path: string): DsvError<'DSV_FILE_NOT_FOUND'> {
  return new DsvError('DSV_FILE_NOT_FOUND', `There is no file ${path}`, {
    details: { path },
    hint: 'Check the path.',
  })
}
