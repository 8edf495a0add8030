import { safeMediaName } from './media-finder.ts'

/** Returns whether a file or folder can have this name on its own. */
export function isFileName(name: string): boolean {
  return isRelativePath(name) && !name.includes('/')
}

/** Returns whether `path` can be the path of a file below a folder, without hidden parts. */
export function isRelativePath(path: string): boolean {
  const isPlain = safeMediaName(path) === path && !/[\\\p{Cc}\p{Cs}]/u.test(path)
  return isPlain && !path.split('/').some((segment) => segment.startsWith('.'))
}
