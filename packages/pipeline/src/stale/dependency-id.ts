import { lstatSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { type ComparedTree, contentId } from '@dsv/core'
import { EMPTY_TREE, systemErrorCode } from '@dsv/store'

/**
 * Returns the id of what a stage reads at a path of the working tree, as {@link contentId} does, but of a link that of
 * what it leads to, also outside of the repository; undefined where nothing is. Links inside a folder are not followed.
 */
export async function dependencyId(
  compared: ComparedTree,
  at: string,
): Promise<string | undefined> {
  const place = path.join(compared.root, at)
  if (!isLink(place)) return contentId(compared, at)
  const target = realPath(place)
  if (target === undefined) return undefined
  const { dir: root, base } = path.parse(target)
  // What is there is known by its stat alone, as what is not tracked.
  return contentId({ ...compared, root, files: EMPTY_TREE, changes: [] }, base)
}

function isLink(place: string): boolean {
  try {
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true
  } catch (error) {
    if (isNowhere(error)) return false
    throw error
  }
}

function realPath(place: string): string | undefined {
  try {
    return realpathSync(place)
  } catch (error) {
    if (isNowhere(error)) return undefined
    throw error
  }
}

function isNowhere(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(systemErrorCode(error) ?? '')
}
