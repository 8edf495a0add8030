import { realpathSync } from 'node:fs'
import path from 'node:path'
import type { Repository } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { pathOutside } from './errors.ts'
import type { CommandIo } from './io.ts'

/**
 * Returns a path that was typed in the folder of the command as the library names it:
 * `/`-separated, relative to the root of the working tree, the empty string for the root.
 *
 * @throws `DSV_PATH_OUTSIDE`
 */
export function repositoryPath({ folder: root }: Repository, io: CommandIo, typed: string): string {
  const absolute = path.resolve(io.folder, typed)
  // A link above the repository may lead to it under another name.
  const inside = inFolder(root, absolute) ?? inFolder(realFolder(root), realFolder(absolute))
  if (inside === undefined) throw pathOutside(typed, root)
  return inside
}

/** Returns several typed paths as the library names them. @throws `DSV_PATH_OUTSIDE` */
export function repositoryPaths(
  repository: Repository,
  io: CommandIo,
  typed: readonly string[] = [],
): readonly string[] {
  return typed.map((each) => repositoryPath(repository, io, each))
}

/** Returns a path of the repository as the user of the folder of the command would type it. */
export function typedPath({ folder: root }: Repository, io: CommandIo, inside: string): string {
  const relative = path.relative(realFolder(io.folder), path.join(realFolder(root), inside))
  const shown = relative === '' ? '.' : relative.split(path.sep).join('/')
  return inside.endsWith('/') ? `${shown}/` : shown
}

function inFolder(root: string, absolute: string): string | undefined {
  const relative = path.relative(root, absolute)
  const isOutside =
    relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
  return isOutside ? undefined : relative.split(path.sep).join('/')
}

/** Follows links of the folders above a path; the path itself may be a link that is tracked. */
function realFolder(absolute: string): string {
  const parent = path.dirname(absolute)
  if (parent === absolute) return absolute
  try {
    return path.join(realpathSync(parent), path.basename(absolute))
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) throw error
    return path.join(realFolder(parent), path.basename(absolute))
  }
}
