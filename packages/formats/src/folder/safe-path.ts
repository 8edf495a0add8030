import { pathUnsafe } from '../errors.ts'

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

/**
 * Returns `path` when it is a plain `/`-separated path below the root of a dataset.
 *
 * @throws `DSV_PATH_UNSAFE` when it is absolute, empty, has `..` or empty segments, names `.git` or
 *   `.dsv` in any case, or cannot be a file on this system.
 */
export function safePath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (path === '') throw pathUnsafe(path, 'is empty')
  if (path.includes('\0')) throw pathUnsafe(path, 'holds a zero byte')
  if (path.startsWith('/')) throw pathUnsafe(path, 'is absolute')
  for (const segment of path.split('/')) checkSegment(path, segment, platform)
  return path
}

function checkSegment(path: string, segment: string, platform: NodeJS.Platform): void {
  if (segment === '' || segment === '.') throw pathUnsafe(path, 'has an empty segment')
  if (segment === '..') throw pathUnsafe(path, 'leaves its folder')
  if (isReserved(segment)) throw pathUnsafe(path, `reaches into ${segment}`)
  if (platform !== 'win32') return
  if (/[<>:"|?*\\]/.test(segment) || /[. ]$/.test(segment) || WINDOWS_DEVICE.test(segment)) {
    throw pathUnsafe(path, 'is no file name on Windows')
  }
}

/** Returns whether a segment of a path names a folder of version control, which no dataset owns. */
export function isReserved(segment: string): boolean {
  const lower = segment.toLowerCase()
  return lower === '.git' || lower === '.dsv'
}
