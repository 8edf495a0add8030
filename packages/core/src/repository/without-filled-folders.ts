import { diffTrees, editTree, type ObjectStore, type TreeRef } from '@dsv/store'
import { comparePaths } from '../record/compare-paths.ts'
import { decodePath, encodePath } from '../record/file-record.ts'
import { clashesWith } from './type-clashes.ts'

/**
 * Returns `after` without folders that are recorded as empty and are not any more; in `before` none
 * was. Only what differs is looked at.
 */
export async function withoutFilledFolders(
  store: ObjectStore,
  before: TreeRef,
  after: TreeRef,
): Promise<TreeRef> {
  const filled = new Set<string>()
  for await (const { key, from, to } of diffTrees(store, before, after)) {
    if (from !== undefined || to === undefined) continue
    const path = decodePath(key)
    const others = await clashesWith(store, after, path)
    for (const other of others) if (other.endsWith('/')) filled.add(other)
    if (path.endsWith('/') && others.length > 0) filled.add(path)
  }
  if (filled.size === 0) return after
  const edits = [...filled]
    .toSorted(comparePaths)
    .map((path) => ({ key: encodePath(path), entry: undefined }))
  return editTree(store, after, edits)
}
