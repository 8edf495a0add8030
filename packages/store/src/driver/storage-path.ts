import { storagePathInvalid } from '../errors.ts'
import type { StoragePath } from './storage-driver.ts'

/**
 * Checks that a path stays inside its storage: relative, `/`-separated, no empty, `.` or `..` part, no
 * NUL, no backslash, no drive letter.
 *
 * @throws `DSV_STORAGE_PATH_INVALID`
 */
export function checkStoragePath(path: StoragePath): void {
  // eslint-disable-next-line no-control-regex -- a NUL is what is looked for
  if (path === '' || /[\0\\:]/.test(path) || path.length > 1024) throw storagePathInvalid(path)
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') throw storagePathInvalid(path)
  }
}

/** Checks the prefix of a listing: nothing, or a path that may end in `/`. */
export function checkStoragePrefix(prefix: StoragePath): void {
  if (prefix !== '') checkStoragePath(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix)
}
