import { isDsvError } from '@dsv/store'
import { pathUnsafe } from '../errors.ts'

/** Names that Windows gives to devices, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *([.:]|$)/i

/** Folders that no snapshot may write into, and the short names that Windows gives to these. */
const RESERVED = /^(?:\.dsv|\.git|dsv~[0-9]|git~[0-9])$/

/** Letters without a shape: macOS finds `.git` under a name that has them too. */
const SHAPELESS = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g

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

/** Returns whether {@link checkPath} lets a path pass. */
export function isSafePath(path: string): boolean {
  try {
    checkPath(path)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_PATH_UNSAFE')) return false
    throw error
  }
}

function checkPart(path: string, part: string): void {
  if (part === '' || part === '.' || part === '..') throw pathUnsafe(path, `has the part "${part}"`)
  if (isReserved(part)) throw pathUnsafe(path, `lies in ${part}`)
  if (part.includes('\\')) throw pathUnsafe(path, 'holds a backslash')
  if (DEVICE.test(part)) throw pathUnsafe(path, `has the device name ${part}`)
}

/**
 * Returns whether the link at `path` points to something below the root of the working tree, whatever
 * other such links lie on the way: it goes up first, from its own folder, and then only down.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\') || target.includes('\0'))
    return false
  let depth = path.split('/').length - 1
  let isDown = false
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') {
      if (isReserved(part)) return false
      isDown = true
    } else if (isDown || --depth < 0) return false
  }
  return true
}

/** File systems that fold case, drop final dots and spaces, or have streams open the folder all the same. */
function isReserved(part: string): boolean {
  const [name = ''] = part.replace(SHAPELESS, '').toLowerCase().split(':')
  return RESERVED.test(name.replace(/[. ]+$/, ''))
}
