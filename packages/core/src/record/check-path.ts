import { pathUnsafe } from '../errors.ts'

/** Names that Windows gives to devices, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

/** Folders that no snapshot may write into. */
const RESERVED = new Set(['.dsv', '.git'])

/**
 * Checks that a path of a snapshot stays below the folder it is written into: relative, `/`-separated,
 * no `.`, `..` or empty parts, nothing inside `.dsv` or `.git`, no device names.
 *
 * @throws `DSV_PATH_UNSAFE` with what is wrong
 */
export function checkPath(path: string): void {
  if (path === '' || path.startsWith('/')) throw pathUnsafe(path, 'is not relative')
  if (path.includes('\0')) throw pathUnsafe(path, 'holds a zero byte')
  const bare = path.endsWith('/') ? path.slice(0, -1) : path
  for (const part of bare.split('/')) checkPart(path, part)
}

function checkPart(path: string, part: string): void {
  if (part === '' || part === '.' || part === '..') throw pathUnsafe(path, `has the part "${part}"`)
  // File systems that fold case or drop final dots and spaces would open the folder all the same.
  const folded = part.toLowerCase().replace(/[. ]+$/, '')
  if (RESERVED.has(folded)) throw pathUnsafe(path, `lies in ${part}`)
  if (part.includes('\\')) throw pathUnsafe(path, 'holds a backslash')
  if (DEVICE.test(part)) throw pathUnsafe(path, `has the device name ${part}`)
}

/** Returns whether the link at `path` points to something below the root of the working tree. */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\') || target.includes('\0'))
    return false
  const parts = path.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return false
  }
  return parts.every((part) => !RESERVED.has(part.toLowerCase()))
}
