import { DsvError } from '@dsv/core'

/** `DSV_PATH_OUTSIDE`: a path that was typed lies outside of the working tree. */
export function pathOutside(typed: string, root: string): DsvError<'DSV_PATH_OUTSIDE'> {
  return new DsvError('DSV_PATH_OUTSIDE', `Path ${typed} is outside of the repository at ${root}`, {
    details: { path: typed, root },
    hint: 'Name files below that folder, or go to the repository they are in.',
  })
}
