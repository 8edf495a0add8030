import { lstatSync } from 'node:fs'
import path from 'node:path'
import { type ComparedTree, contentId } from '@dsv/core'
import { isNowhere } from '../read/is-nowhere.ts'
import { looseContentId, realPath, withLinkedContent } from './linked-content.ts'

/**
 * Returns the id of what a stage reads at a path of the working tree, as {@link contentId} does, but of a link that of
 * what it leads to, also outside of the repository; undefined where nothing is. What links inside a folder lead to
 * counts where it is in the repository.
 */
export async function dependencyId(
  compared: ComparedTree,
  at: string,
): Promise<string | undefined> {
  const place = path.join(compared.root, at)
  const target = isLink(place) ? realPath(place) : place
  if (target === undefined) return undefined
  const id = await (target === place ? contentId(compared, at) : looseContentId(compared, target))
  const isFolder = id?.startsWith('tree:') === true && id !== 'tree:empty'
  return isFolder ? withLinkedContent(compared, target, id) : id
}

function isLink(place: string): boolean {
  try {
    return lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true
  } catch (error) {
    if (isNowhere(error)) return false
    throw error
  }
}
