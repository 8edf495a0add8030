import type { ItemKey } from '@dsv/core'

/**
 * Returns the id that the files of an item carry: all subsets share one folder, so an id that several
 * of them use, or that could be taken for such a one, gets its subset in front.
 */
export function fileIdOf({ subset, id }: ItemKey, isShared: boolean): string {
  return isShared || id.startsWith(`${subset}/`) ? `${subset}/${id}` : id
}

/** Returns the id of an item from that of its files: without the subset in front. */
export function itemIdOf(fileId: string, subset: string): string {
  const prefix = `${subset}/`
  return fileId.startsWith(prefix) && fileId.length > prefix.length
    ? fileId.slice(prefix.length)
    : fileId
}
