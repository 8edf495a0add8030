import { DsvError } from '@dsv/core'

/** `DSV_PATH_OUTSIDE`: a path that was typed lies outside of the working tree. */
export function pathOutside(typed: string, root: string): DsvError<'DSV_PATH_OUTSIDE'> {
  return new DsvError('DSV_PATH_OUTSIDE', `Path ${typed} is outside of the repository at ${root}`, {
    details: { path: typed, root },
    hint: 'Name files below that folder, or go to the repository they are in.',
  })
}

/** `DSV_CONFIG_INVALID`: a file of settings cannot be read. */
export function configInvalid(file: string, problem: string): DsvError<'DSV_CONFIG_INVALID'> {
  return new DsvError('DSV_CONFIG_INVALID', `${file}: ${problem}.`, {
    details: { file, problem },
    hint: 'Correct the file, or remove it and set the values again with `dsv config`.',
  })
}
