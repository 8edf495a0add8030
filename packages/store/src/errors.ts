import { DsvError } from './dsv-error.ts'

/** `DSV_STORAGE_NOT_FOUND`: a file that should be in the storage is not there. */
export function storageNotFound(location: string, path: string): DsvError<'DSV_STORAGE_NOT_FOUND'> {
  return new DsvError('DSV_STORAGE_NOT_FOUND', `${location} has no file ${path}`, {
    details: { location, path },
    hint: 'Run `dsv fsck` to see what is missing.',
  })
}
