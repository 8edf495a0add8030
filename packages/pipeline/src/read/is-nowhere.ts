import { systemErrorCode } from '@dsv/store'

/** Returns whether an error of the system says that a path leads to nothing that can be read. */
export function isNowhere(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(systemErrorCode(error) ?? '')
}
